import { describe, expect, it } from 'vitest';
import { PIECES, readInPieces, type Spoken } from './testing/read-in-pieces.js';

const text = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\r\n'));

describe.each(PIECES)('a conversation in HTTP that arrives in pieces of %i bytes', (pieceBytes) => {
  const read = (...spoken: readonly Spoken[]): readonly string[] => readInPieces('http', spoken, pieceBytes);

  it('has requests and responses with their bodies on one connection', () => {
    expect(
      read(
        ['client', text('POST /orders HTTP/1.1', 'Content-Length: 4', '', 'body')],
        ['server', text('HTTP/1.1 202 Accepted', 'content-length: 2', '', '{}')],
        ['client', text('GET /orders/1 HTTP/1.1', 'host: x', '', '')],
        ['server', text('HTTP/1.1 404 Not Found', 'content-length: 0', '', '')],
      ),
    ).toEqual([
      '> request POST /orders',
      '< request',
      '> response POST /orders 202',
      '< response',
      '> request GET /orders/1',
      '< request',
      '> response GET /orders/1 404',
      '< response',
    ]);
  });

  it('finds the end of chunks, with extensions and trailers', () => {
    const chunks = ['5;a=b', 'hello', 'A', '0123456789', '0', 'x-sum: 1', '', 'HTTP/1.1 204 No Content', '', ''];
    expect(
      read(
        ['client', text('GET /a HTTP/1.1', '', 'GET /b HTTP/1.1', '', '')],
        ['server', text('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', ...chunks)],
      ),
    ).toEqual([
      '> request GET /a',
      '< request',
      '> request GET /b',
      '< request',
      '> response GET /a 200',
      '< response',
      '> response GET /b 204',
      '< response',
    ]);
  });

  it('does not take 100 Continue for the response, nor the answer to HEAD for one with a body', () => {
    expect(
      read(
        ['client', text('HEAD /a HTTP/1.1', '', '')],
        ['server', text('HTTP/1.1 100 Continue', '', 'HTTP/1.1 200 OK', 'content-length: 99', '', '')],
      ),
    ).toEqual(['> request HEAD /a', '< request', '> response HEAD /a 200', '< response']);
  });

  it('leaves a response open that ends with its connection', () => {
    expect(
      read(['client', text('GET /a HTTP/1.1', '', '')], ['server', text('HTTP/1.1 200 OK', '', 'until the end')]),
    ).toEqual(['> request GET /a', '< request', '> response GET /a 200']);
  });

  it.each([
    [text('SSH-2.0-OpenSSH', '', ''), 'no HTTP/1'],
    [text('POST / HTTP/1.1', 'content-length: many', '', 'x'), 'a body of NaN bytes'],
  ])('passes on what it cannot read', (bytes, reason) => {
    expect(read(['client', bytes]).at(-1)).toBe(`not understood: ${reason}`);
  });
});
