import { describe, expect, it } from 'vitest';
import { OrderStory, SITUATIONS, snapshot } from '../../test/order-story.js';
import { sagaViewOf } from './saga-view.js';

const SINCE = '2026-01-02T03:04:05.678Z';

const viewOf = (story: OrderStory, fields: Partial<OrderStory['placedOrder']> = {}) =>
  sagaViewOf({ saga: story.saga, since: SINCE, order: { ...story.placedOrder, ...fields }, answers: 0 });

describe('the money at stake', () => {
  it.each([
    ['unknown', 0, 0, 2400],
    ['pending', 0, 0, 2400],
    ['authorised', 0, 0, 2400],
    ['captured', 2400, 0, 2400],
    ['captured', 2400, 400, 2000],
    ['voided', 0, 0, 0],
    ['declined', 0, 0, 0],
    ['refunded', 2400, 2400, 0],
  ] as const)('of a payment that is %s with %i captured and %i refunded is %i', (status, captured, refunded, stake) => {
    expect(viewOf(SITUATIONS.parked(), { payment: snapshot(status, captured, refunded) }).moneyAtStake).toBe(stake);
  });

  it('is none when the provider was never asked, or when the order stands by it', () => {
    expect(viewOf(SITUATIONS['out of stock'](), { payment: null }).moneyAtStake).toBe(0);
    const paid = { payment: snapshot('captured', 2400) };
    expect(viewOf(SITUATIONS['sending the confirmation'](), paid).moneyAtStake).toBe(0);
    expect(viewOf(SITUATIONS.refunding(), paid).moneyAtStake).toBe(2400);
  });
});

describe('the reason', () => {
  it('is a sentence for what a participant said in a code, and for what was said in words', () => {
    const story = SITUATIONS.parked();
    const withReason = (parkedReason: string, direction: 'action' | 'compensation' = 'action') =>
      sagaViewOf({
        saga: { ...story.saga, parkedReason, direction },
        since: SINCE,
        order: story.placedOrder,
        answers: 0,
      }).reason;

    expect(withReason('provider_unclear')).toBe('the answer to authorise-payment does not decide: provider unclear');
    expect(withReason('odd', 'compensation')).toBe('the answer to undoing authorise-payment does not decide: odd');
    expect(withReason('definition checkout 9 is not known')).toBe('definition checkout 9 is not known');
  });

  it('of a saga that is not parked is why it is undone', () => {
    expect(viewOf(SITUATIONS.declined()).reason).toBe('card_declined');
    expect(viewOf(SITUATIONS.authorising()).reason).toBeNull();
  });
});
