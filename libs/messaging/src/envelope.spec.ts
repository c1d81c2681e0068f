import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX, decodeEnvelope, encodeEnvelope, NESTING_MAX } from './envelope.js';
import type { CommittedMessage } from './outgoing-message.js';

const message: CommittedMessage = {
  id: '01920000-0000-7000-8000-000000000001',
  destination: 'payment',
  type: 'payment.authorise',
  version: 1,
  sagaId: 'saga-1',
  causationId: null,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  payload: { amount: 1200, currency: 'EUR' },
  committedAt: new Date('2026-01-02T03:04:05.678Z'),
};

const good = {
  id: message.id,
  type: message.type,
  version: 1,
  mintedAt: '2026-01-02T03:04:05.678Z',
  sagaId: 'saga-1',
  causationId: null,
  traceparent: message.traceparent,
  payload: message.payload,
};

const decode = (body: unknown): string => {
  const decoded = decodeEnvelope(Buffer.from(JSON.stringify(body)));
  return decoded.kind === 'undecodable' ? decoded.reason : 'envelope';
};

describe('envelope', () => {
  it('carries everything but the destination', () => {
    expect(decodeEnvelope(encodeEnvelope(message))).toEqual({ kind: 'envelope', envelope: good });
  });

  it('brings back any payload that JSON can carry', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (payload) => {
        fc.pre(!JSON.stringify(payload).includes('"__proto__":'));
        const decoded = decodeEnvelope(encodeEnvelope({ ...message, payload }));
        expect(decoded).toEqual({
          kind: 'envelope',
          envelope: { ...good, payload: JSON.parse(JSON.stringify(payload)) },
        });
      }),
    );
  });

  it('ignores fields that it does not know and takes absent optional ones for null', () => {
    const { sagaId: _saga, causationId: _cause, traceparent: _trace, ...rest } = good;
    const decoded = decodeEnvelope(Buffer.from(JSON.stringify({ ...rest, priority: 'high' })));
    expect(decoded).toEqual({
      kind: 'envelope',
      envelope: { ...rest, sagaId: null, causationId: null, traceparent: null },
    });
  });

  it.each([
    ['null', 'null', 'not an object'],
    ['an array', '[]', 'not an object'],
    ['a text', '"once"', 'not an object'],
    ['nothing', '', 'not JSON'],
    ['half a body', '{"id":', 'not JSON'],
    ['NaN', '{"version":NaN}', 'not JSON'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'not JSON'],
    ['a byte order mark', '\uFEFF{}', 'not JSON'],
    ['a prototype', JSON.stringify(good).replace('{', '{"__proto__":{"admin":true},'), '__proto__'],
    ['an escaped prototype', JSON.stringify(good).replace('"amount"', '"\\u005f_proto__"'), '__proto__'],
    ['nesting beyond the limit', '['.repeat(NESTING_MAX + 1), 'deeper'],
    ['nesting of a hundred thousand', '{"a":'.repeat(100_000), 'deeper'],
    ['more bytes than are read', Buffer.alloc(BODY_BYTES_MAX + 1, ' '), 'bytes'],
  ])('refuses %s', (_what, body, reason) => {
    const decoded = decodeEnvelope(Buffer.from(body));
    expect(decoded.kind === 'undecodable' && decoded.reason).toContain(reason);
  });

  it.each([
    [{ id: 7 }, 'id'],
    [{ id: 'not-a-uuid' }, 'id'],
    [{ type: '' }, 'type'],
    [{ type: 'x'.repeat(201) }, 'type'],
    [{ type: 'a\u0000b' }, 'type'],
    [{ version: 0 }, 'version'],
    [{ version: 1.5 }, 'version'],
    [{ version: '1' }, 'version'],
    [{ mintedAt: 'yesterday' }, 'mintedAt'],
    [{ mintedAt: '2026-13-02T03:04:05Z' }, 'mintedAt'],
    [{ mintedAt: 1_700_000_000 }, 'mintedAt'],
    [{ sagaId: {} }, 'sagaId'],
    [{ causationId: 'x'.repeat(256) }, 'causationId'],
    [{ traceparent: 'a\nb' }, 'traceparent'],
    [{ payload: undefined }, 'payload'],
  ])('refuses %j', (overrides, field) => {
    expect(decode({ ...good, ...overrides })).toContain(field);
  });

  it('reads a body at the limits', () => {
    const nested = '['.repeat(NESTING_MAX - 1) + ']'.repeat(NESTING_MAX - 1);
    expect(decode({ ...good, payload: JSON.parse(nested) as unknown })).toBe('envelope');
    expect(decode({ ...good, payload: '[{"\\'.repeat(1_000) })).toBe('envelope'); // brackets in a text do not nest
    const overhead = JSON.stringify({ ...good, payload: '' }).length;
    expect(decode({ ...good, payload: 'x'.repeat(BODY_BYTES_MAX - overhead) })).toBe('envelope');
  });

  it('never throws, whatever the bytes', () => {
    const mutated = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([at, bytes]) => {
      const body = Buffer.from(JSON.stringify(good));
      body.set(bytes, at % (body.length - bytes.length));
      return body;
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
          mutated,
          fc.json().map((text) => Buffer.from(text)),
        ),
        (body) => {
          expect(['envelope', 'undecodable']).toContain(decodeEnvelope(body).kind);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
