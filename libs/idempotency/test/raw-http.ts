import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface RawAnswer {
  readonly status: number;
  /** In lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawRequest {
  readonly path?: string;
  readonly account?: string;
  /** Header lines as they are, one per element; characters are bytes. */
  readonly lines: readonly string[];
  readonly body?: string;
}

/** The bytes of a POST, with nothing added, escaped or joined by an HTTP client. */
export function bytesOf({
  path = '/accounts/a/deposits',
  account = 'demo',
  lines,
  body = '{"amount":5}',
}: RawRequest): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    `Authorization: ${account}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...lines,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

/** Sends a request and reads until the server hangs up. */
export async function send(port: number, request: RawRequest): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytesOf(request));
  return parse(await buffer(socket));
}

/** Sends a request and hangs up without reading. */
export async function sendAndHangUp(port: number, request: RawRequest): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  await new Promise((resolve) => socket.write(bytesOf(request), resolve));
  socket.destroy();
}

function parse(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: new Map(headers),
    body: bytes.subarray(end + 4).toString(),
  };
}
