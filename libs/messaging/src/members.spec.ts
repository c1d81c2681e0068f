import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX, decodeEnvelope, encodeEnvelope } from './envelope.js';
import { joinMembers, MEMBERS_MAX, readMembers } from './members.js';

const envelope = (payload: unknown, number = 0): Buffer =>
  encodeEnvelope({
    id: `01920000-0000-7000-8000-${String(number).padStart(12, '0')}`,
    destination: 'order',
    type: 'test.message',
    version: 1,
    sagaId: null,
    causationId: null,
    traceparent: null,
    payload,
    committedAt: new Date(0),
  });

describe('the members of a broker message', () => {
  it('have the bytes that were put together, whatever they say', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 5 }), { minLength: 1, maxLength: 20 }), (payloads) => {
        const bodies = [null, ...payloads].map((payload, number) => envelope({ payload, text: 'one\ntwo' }, number));
        const members = readMembers(joinMembers(bodies));
        expect(members.map(({ body }) => body.toString())).toEqual(bodies.map(String));
        expect(members.map(({ decoded }) => decoded.kind)).toEqual(bodies.map((body) => decodeEnvelope(body).kind));
      }),
    );
  });

  it('are one when it travels alone, in the same form as ever', () => {
    const body = envelope({ n: 1 });
    expect(joinMembers([body]).equals(body)).toBe(true);
    expect(readMembers(body)).toMatchObject([{ body, decoded: { kind: 'envelope' } }]);
  });

  it.each(['', '\n\n', '{\n}\n', '{}\n'.repeat(900), 'no\njson'])(
    'are one undecodable member when no line is an envelope: %j',
    (text) => {
      const body = Buffer.from(text);
      expect(readMembers(body)).toMatchObject([{ body, decoded: { kind: 'undecodable' } }]);
    },
  );

  it('may be written on several lines by others, or end in a line break', () => {
    const pretty = Buffer.from(JSON.stringify(JSON.parse(envelope({ n: 1 }).toString()), null, 2));
    expect(readMembers(pretty)).toMatchObject([{ body: pretty, decoded: { kind: 'envelope' } }]);
    const ended = Buffer.concat([envelope({ n: 1 }), Buffer.from('\n')]);
    expect(readMembers(ended)).toMatchObject([{ decoded: { kind: 'envelope' } }]);
  });

  it('are not looked for in more lines or bytes than anybody may send', () => {
    const many = joinMembers(Array.from({ length: MEMBERS_MAX + 1 }, () => envelope(null)));
    expect(readMembers(many)).toMatchObject([{ decoded: { kind: 'undecodable' } }]);
    const large = joinMembers([envelope('x'.repeat(BODY_BYTES_MAX - 300)), envelope(null), envelope(null)]);
    expect(readMembers(large)).toMatchObject([{ decoded: { kind: 'undecodable' } }]);
  });

  it('are read from any bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(readMembers(Buffer.from(bytes)).length).toBeGreaterThan(0);
      }),
    );
  });
});
