import { connect, createServer, type AddressInfo, type Server } from 'node:net';

/** Passes mail on to its server, and keeps what the senders say. */
export class MailTap {
  private said = '';

  private constructor(private readonly server: Server) {}

  static async before(smtpUrl: string): Promise<MailTap> {
    const target = new URL(smtpUrl);
    const server = createServer();
    const tap = new MailTap(server);
    server.on('connection', (sender) => {
      const receiver = connect(Number(target.port), target.hostname);
      for (const socket of [sender, receiver]) socket.on('error', () => socket.destroy());
      sender.on('data', (bytes: Buffer) => (tap.said += bytes.toString('latin1')));
      sender.pipe(receiver).pipe(sender);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return tap;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The values of a header, in the mails so far. */
  headersCalled(name: string): readonly string[] {
    return [...this.said.matchAll(new RegExp(`^${name}: (.*)\\r$`, 'gim'))].map(([, value]) => value ?? '');
  }

  close(): void {
    this.server.close();
  }
}
