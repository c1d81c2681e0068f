import { connect, type Socket } from 'node:net';

export interface RawOutcome {
  readonly bytes: number;
  /** `ECONNRESET` after a RST, undefined after an orderly end. */
  readonly errorCode: string | undefined;
  readonly elapsedMs: number;
}

/** Sends a POST over a bare socket and waits until the other side ends it: what no HTTP client shows. */
export async function postRaw(url: string, path: string): Promise<RawOutcome> {
  const socket = openPost(url, path);
  const startedAt = performance.now();
  let bytes = 0;
  let errorCode: string | undefined;
  socket.on('data', (chunk) => (bytes += chunk.length));
  socket.on('error', (error: NodeJS.ErrnoException) => (errorCode = error.code));
  // Not events.once: it would throw the reset that is to be observed.
  await new Promise((resolve) => socket.once('close', resolve));
  return { bytes, errorCode, elapsedMs: performance.now() - startedAt };
}

/** Sends a POST and hands over the socket, for a caller that wants to give up. */
export function openPost(url: string, path: string, idempotencyKey = ''): Socket {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const key = idempotencyKey === '' ? '' : `Idempotency-Key: ${idempotencyKey}\r\n`;
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer sk_test\r\n${key}` +
      'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n',
  );
  return socket;
}
