import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

type Loss = 'request' | 'answer' | 'connection';

interface Armed {
  readonly text: string;
  readonly loss: Loss;
  readonly onLoss: () => void;
  readonly isAtWork: () => Promise<void>;
}

/** Stands between a client and Postgres and loses one statement, or the answer to it, as networks do. */
export class PostgresProxy {
  private readonly sockets = new Set<Socket>();
  private armed: Armed | null = null;

  private constructor(
    private readonly server: Server,
    /** The database's address, through the proxy. */
    readonly url: string,
  ) {}

  static async before(databaseUrl: string): Promise<PostgresProxy> {
    const target = new URL(databaseUrl);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    const proxy = new PostgresProxy(server, url.href);
    server.on('connection', (client) => proxy.join(client, connect(Number(target.port), target.hostname)));
    return proxy;
  }

  /**
   * Breaks the connection of the next statement that contains the text. `request`: before the server has it; `answer`:
   * when the server has committed it and answered; `connection`: while the server is at work on it, which `isAtWork` waits
   * for. Resolves then.
   */
  lose(loss: Loss, text: string, isAtWork = (): Promise<void> => Promise.resolve()): Promise<void> {
    return new Promise((resolve) => {
      this.armed = { text, loss, onLoss: resolve, isAtWork };
    });
  }

  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private join(client: Socket, server: Socket): void {
    let losing: Armed | null = null;
    const breakUp = (): void => {
      client.resetAndDestroy();
      losing?.onLoss();
    };
    client.on('data', (bytes) => {
      if (this.armed !== null && bytes.includes(this.armed.text)) {
        losing = this.armed;
        this.armed = null;
      }
      if (losing?.loss !== 'request') server.write(bytes);
      if (losing?.loss === 'request') breakUp();
      if (losing?.loss === 'connection') void losing.isAtWork().then(breakUp);
    });
    server.on('data', (bytes) => {
      if (losing === null) client.write(bytes);
      else if (losing.loss === 'answer' && bytes.includes(READY_FOR_QUERY)) breakUp();
    });
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
    }
    server.on('close', () => client.destroy());
    // The server notices a client that is gone when it wants to answer, not before.
    client.on('close', () => {
      if (losing?.loss !== 'connection') server.destroy();
    });
  }
}

/** The server's last word on a statement, sent after its commit. */
const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
