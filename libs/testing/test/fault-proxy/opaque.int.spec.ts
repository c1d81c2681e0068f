import { once } from 'node:events';
import { connect as connectSocket, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually, FaultProxy } from '../../src/index.js';

describe('the fault proxy before anything', () => {
  it('holds up a sender whose receiver does not read', async () => {
    const sink = createTcpServer((socket) => socket.pause());
    sink.listen(0, '127.0.0.1');
    await once(sink, 'listening');
    const proxy = await FaultProxy.before(`tcp://127.0.0.1:${(sink.address() as AddressInfo).port}`);
    const sender = connectSocket(Number(new URL(proxy.url).port), '127.0.0.1');
    sender.on('error', () => {});
    const chunk = Buffer.alloc(1_000_000);
    let taken = 0;
    const offer = (): void => void sender.write(chunk, (error) => !error && ((taken += 1), offer()));
    offer();
    let before = -1;
    await eventually(
      () => {
        const isStill = taken === before;
        before = taken;
        expect(isStill).toBe(true);
      },
      { everyMs: 300 },
    );
    expect(taken).toBeLessThan(50); // what the system's buffers hold; a proxy that reads on would take it all
    await proxy.close();
    sink.close();
    sender.destroy();
  });

  it('resets a client whose server is not there', async () => {
    const proxy = await FaultProxy.before('tcp://127.0.0.1:1');
    const client = connectSocket(Number(new URL(proxy.url).port), '127.0.0.1');
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    await proxy.close();
  });
});
