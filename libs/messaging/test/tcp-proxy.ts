import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * Stands between a client and the broker and does to real connections what networks do: cuts them, or swallows one
 * direction so that a request or its answer is lost.
 */
export class TcpProxy {
  private readonly pairs = new Set<{ readonly client: Socket; readonly broker: Socket }>();
  private swallowed: 'nothing' | 'requests' | 'answers' | 'everything' = 'nothing';

  private constructor(
    private readonly server: Server,
    /** The target's address, through the proxy. */
    readonly url: string,
  ) {}

  static async before(targetUrl: string): Promise<TcpProxy> {
    const target = new URL(targetUrl);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(targetUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    const proxy = new TcpProxy(server, url.href);
    server.on('connection', (client) => proxy.join(client, connect(Number(target.port), target.hostname)));
    return proxy;
  }

  get connections(): number {
    return this.pairs.size;
  }

  /** From now on, on all connections, also on later ones. */
  swallow(what: 'nothing' | 'requests' | 'answers' | 'everything'): void {
    this.swallowed = what;
  }

  /** Resets every connection. New ones are accepted. */
  cut(): void {
    for (const { client, broker } of this.pairs) {
      client.resetAndDestroy();
      broker.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    if (this.server.listening) await once(this.server, 'close');
  }

  private join(client: Socket, broker: Socket): void {
    const pair = { client, broker };
    this.pairs.add(pair);
    client.on('data', (bytes) => {
      if (this.swallowed !== 'requests' && this.swallowed !== 'everything') broker.write(bytes);
    });
    broker.on('data', (bytes) => {
      if (this.swallowed !== 'answers' && this.swallowed !== 'everything') client.write(bytes);
    });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.pairs.delete(pair);
        other.destroy();
      });
    }
  }
}
