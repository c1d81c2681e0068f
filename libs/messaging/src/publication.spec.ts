import { describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX, encodeEnvelope } from './envelope.js';
import { readMembers } from './members.js';
import type { CommittedMessage } from './outgoing-message.js';
import { toPublications } from './publication.js';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const message = (number: number, overrides: Partial<CommittedMessage> = {}): CommittedMessage => ({
  id: `01920000-0000-7000-8000-${String(number).padStart(12, '0')}`,
  destination: 'payment',
  type: 'test.message',
  version: 1,
  sagaId: null,
  causationId: null,
  traceparent: TRACE,
  payload: { number },
  committedAt: new Date(0),
  ...overrides,
});

const idsOf = (batch: readonly CommittedMessage[], membersMax: number): readonly (readonly string[])[] =>
  toPublications(batch, membersMax).map(({ messageIds }) => messageIds.map((id) => String(Number(id.slice(-12)))));

describe('messages that leave together', () => {
  it('share a publication per queue, in their order', () => {
    const batch = [1, 2, 3, 4].map((number) => message(number, { destination: number === 2 ? 'order' : 'payment' }));
    expect(idsOf(batch, 50)).toEqual([['1', '3', '4'], ['2']]);
  });

  it('are no more than may share one, and one each when that is 1', () => {
    const batch = [1, 2, 3].map((number) => message(number));
    expect(idsOf(batch, 2)).toEqual([['1', '2'], ['3']]);
    expect(idsOf(batch, 1)).toEqual([['1'], ['2'], ['3']]);
  });

  it('fit into what receivers read; one too large for company, or at all, travels alone', () => {
    const half = 'x'.repeat(BODY_BYTES_MAX / 2);
    const batch = [
      message(1, { payload: half }),
      message(2),
      message(3, { payload: half }),
      message(4, { payload: half + half }),
      message(5),
    ];
    expect(idsOf(batch, 50)).toEqual([['1', '2'], ['3'], ['4'], ['5']]);
    const readable = toPublications(batch, 50).map(({ body }) => body.length <= BODY_BYTES_MAX);
    expect(readable).toEqual([true, true, false, true]);
  });

  it('carry the bytes that each would have alone', () => {
    const batch = [message(1), message(2)];
    const [publication] = toPublications(batch, 50);
    const bodies = readMembers(publication?.body ?? Buffer.alloc(0)).map(({ body }) => body.toString());
    expect(bodies).toEqual(batch.map((each) => encodeEnvelope(each).toString()));
  });

  it('have an id of their own, and lend theirs when they are alone', () => {
    const [alone] = toPublications([message(1)], 50);
    expect(alone).toMatchObject({ messageId: message(1).id, type: 'test.message', traceparent: TRACE });
    const [shared] = toPublications([message(1), message(2)], 50);
    expect(shared).toMatchObject({ type: null, traceparent: null });
    expect([message(1).id, message(2).id]).not.toContain(shared?.messageId);
  });
});
