import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Proxy {
  /** The given URL, through the proxy. */
  readonly url: string;
  /** Cuts every connection with a TCP reset, as a dying host or firewall does. */
  resetAll(): void;
  /** Cuts every connection and refuses new ones. */
  interrupt(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** A network in front of a server that a test can break. */
export async function openProxy(targetUrl: string): Promise<Proxy> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // What breaks on one side is broken on the other; the test looks at the effect.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  });
  const port = await listen(server, 0);
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const interrupt = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    resetAll();
    await once(server, 'close');
  };

  const url = new URL(targetUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    resetAll,
    interrupt,
    resume: async () => {
      await listen(server, port);
    },
    close: interrupt,
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the proxy has no port');
  return address.port;
}
