import { describe, expect, it } from 'vitest';
import { readMailHeaders } from './mail-headers.js';

const headersOf = (text: string): ReadonlyMap<string, string> => readMailHeaders(Buffer.from(text));

describe('readMailHeaders', () => {
  it('joins folded lines and ends at the empty line', () => {
    const headers = headersOf('Subject: one\r\n two\r\nX-Order-Id: 7\r\n\r\nX-Order-Id: not a header\r\n');
    expect(headers.get('subject')).toBe('one two');
    expect(headers.get('x-order-id')).toBe('7');
  });

  it.each([
    ['=?UTF-8?Q?best=C3=A4tigt_=E2=98=82?=', 'bestätigt ☂'],
    ['=?UTF-8?B?YmVzdMOkdGlndA==?=', 'bestätigt'],
    ['=?UTF-8?Q?be?=\r\n =?UTF-8?Q?st=C3=A4tigt?=', 'bestätigt'],
    ['plain', 'plain'],
  ])('reads the encoded subject %j', (encoded, text) => {
    expect(headersOf(`Subject: ${encoded}\r\n\r\n`).get('subject')).toBe(text);
  });

  it('keeps the first of repeated headers', () => {
    expect(headersOf('X-Order-Id: 1\r\nX-Order-Id: 2\r\n\r\n').get('x-order-id')).toBe('1');
  });
});
