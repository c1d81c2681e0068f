import { once } from 'node:events';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { portOf } from '../http/port-of.js';
import type { Patience } from '../world/patience.js';
import type { Mailbox, MailReply } from './mailbox.js';

/** Larger than any mail of ours; larger ones are refused. */
const MESSAGE_BYTES_MAX = 1_048_576;

type Callback = (error?: Error | null, message?: string) => void;

/** Speaks SMTP for the mailbox. */
export class MailServer {
  private readonly smtp: SMTPServer;
  private readonly sockets = new Map<number, Socket>();

  constructor(
    private readonly mailbox: Mailbox,
    private readonly patience: Patience,
    private readonly log: (message: string) => void,
  ) {
    this.smtp = new SMTPServer({
      authOptional: true,
      closeTimeout: 1_000,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      size: MESSAGE_BYTES_MAX,
      onData: (stream, session, callback) => void this.receive(stream, session, callback),
    });
    this.smtp.on('error', (error) => this.log(`smtp: ${error.message}`));
    this.smtp.server.on('connection', (socket: Socket) => this.remember(socket));
  }

  /** Returns the port. */
  async listen(port: number, host: string): Promise<number> {
    const server = this.smtp.listen(port, host);
    await once(server, 'listening');
    return portOf(server);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.values()) socket.destroy();
    await new Promise<void>((resolve) => this.smtp.close(resolve));
  }

  private async receive(stream: SMTPServerDataStream, session: SMTPServerSession, callback: Callback): Promise<void> {
    try {
      const message = await buffer(stream);
      if (stream.sizeExceeded) return callback(refusal(552, 'the message is too large'));
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      const { reply, slowMs } = await this.mailbox.receive(message, recipients);
      await this.patience.wait(slowMs);
      this.respond(reply, session, callback);
    } catch (error) {
      this.log(`smtp: ${String(error)}`);
      callback(refusal(451, 'the message could not be kept'));
    }
  }

  private respond(reply: MailReply, session: SMTPServerSession, callback: Callback): void {
    switch (reply.kind) {
      case 'accept':
        return callback(null, 'OK: it is in the mailbox');
      case 'reject':
        return callback(refusal(reply.code, reply.code === 451 ? 'try again later' : 'never'));
      case 'hold':
        setTimeout(() => this.hangUp(session), reply.ms).unref();
        return;
      case 'close':
        return this.hangUp(session);
    }
  }

  /** The library knows no way to end a connection in the middle of a command; the socket does. */
  private hangUp({ remotePort }: SMTPServerSession): void {
    this.sockets.get(remotePort)?.destroy();
  }

  private remember(socket: Socket): void {
    const { remotePort } = socket;
    if (remotePort === undefined) return;
    this.sockets.set(remotePort, socket);
    socket.once('close', () => this.sockets.delete(remotePort));
  }
}

/** The library answers with the code that it finds on the error. */
function refusal(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}
