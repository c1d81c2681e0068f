import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arriving, charge, intentObserved, intentWith, paymentWith } from '../../test/payments.js';
import { answerTo } from './answer.js';
import { nextCall, type ProviderCall } from './next-call.js';
import { observe, type Observation } from './observation.js';
import { INTENT_STATUSES, type Payment } from './payment.js';
import { accept } from './request.js';

const observeAll = (payment: Payment, observations: readonly Observation[]): Payment =>
  observations.reduce(observe, payment);

const declined = (intent = intentWith({ status: 'requires_payment_method' })): Observation => ({
  kind: 'declined',
  intent,
});
const refunds = (refundedAmount: number): Observation => ({ kind: 'refunds', refundedAmount });

const failed = (call: ProviderCall, generation: number): Observation => ({ kind: 'stuck', call, generation });

const asked = accept(paymentWith(), arriving('capture'));

describe('what is observed of an intent', () => {
  it('moves the payment on and never back', () => {
    const forward = ['requires_confirmation', 'processing', 'requires_capture', 'succeeded'] as const;
    const known = observeAll(
      asked,
      forward.map((status) => intentObserved({ status })),
    );
    expect(known).toMatchObject({ intentId: 'pi_1', intentStatus: 'succeeded', capturedAmount: 2400 });

    for (const status of forward) expect(observe(known, intentObserved({ status }))).toEqual(known);
  });

  it('is of the first intent only: a stray of a repeated creation changes nothing', () => {
    const known = observe(asked, intentObserved());
    for (const status of INTENT_STATUSES) {
      expect(observe(known, intentObserved({ id: 'pi_stray', status, amount: 1 }))).toEqual(known);
    }
  });

  it('sets the goal to return when the authorisation ran out', () => {
    const known = observeAll(asked, [
      intentObserved({ status: 'requires_capture' }),
      intentObserved({ status: 'canceled' }),
    ]);
    expect(known).toMatchObject({ goal: 'return', reason: 'authorisation_expired' });
  });

  it('names no reason for the cancellation that was asked for', () => {
    const returning = accept(observe(asked, intentObserved({ status: 'requires_capture' })), arriving('return'));
    expect(observe(returning, intentObserved({ status: 'canceled' }))).toMatchObject({ goal: 'return', reason: null });
  });
});

describe('an amount or a currency that is not the order’s', () => {
  const wrong = [{ amount: charge.amount + 1 }, { amount: charge.amount - 1 }, { currency: 'USD' }] as const;

  it.each(wrong)('leads to a cancellation, not to a confirmation: %o', (fields) => {
    const known = observe(asked, intentObserved(fields));
    expect(known).toMatchObject({ goal: 'return', reason: 'amount_mismatch' });
    expect(nextCall(known)).toBe('cancel');
  });

  it.each(wrong)('that was authorised is not captured: %o', (fields) => {
    const known = observeAll(asked, [intentObserved(), intentObserved({ status: 'requires_capture', ...fields })]);
    expect(known.reason).toBe('amount_mismatch');
    expect(nextCall(known)).toBe('cancel');
  });

  it('that was captured goes back whole', () => {
    const short = intentObserved({ status: 'succeeded', amount: 2399, capturedAmount: 2399 });
    const known = observeAll(asked, [intentObserved({ status: 'requires_capture' }), short]);
    expect(known).toMatchObject({ goal: 'return', reason: 'amount_mismatch', capturedAmount: 2399 });
    expect(nextCall(known)).toBe('refund');
    expect(nextCall(observe(known, refunds(2399)))).toBeNull();
  });

  it('is not known to a tombstone, which returns any amount', () => {
    const tombstone = accept(null, arriving('return'));
    expect(observe(tombstone, intentObserved({ amount: 1 }))).toMatchObject({ goal: 'return', reason: null });
  });
});

describe('a refund that is heard of', () => {
  const refunded = (fields: object = {}): Observation => ({
    kind: 'refunded',
    intent: intentWith({ status: 'succeeded' }),
    refundedAmount: 2400,
    ...fields,
  });
  const returning = accept(observe(asked, intentObserved({ status: 'requires_capture' })), arriving('return'));

  it('before the capture tells of the capture as well', () => {
    for (const before of [accept(asked, arriving('return')), returning]) {
      const known = observe(before, refunded());
      expect(known).toMatchObject({ intentStatus: 'succeeded', capturedAmount: 2400, refundedAmount: 2400 });
      expect(observe(known, intentObserved({ status: 'requires_capture' }))).toEqual(known);
    }
  });

  it('in part leaves the rest to be returned', () => {
    const known = observe(returning, refunded({ refundedAmount: 1000 }));
    expect(known).toMatchObject({ capturedAmount: 2400, refundedAmount: 1000 });
    expect(nextCall(known)).toBe('refund');
  });

  it('of another intent is none of ours', () => {
    const stray = intentWith({ id: 'pi_stray', status: 'succeeded' });
    expect(observe(returning, refunded({ intent: stray }))).toEqual(returning);
  });
});

describe('a refusal of the provider', () => {
  it('of another intent says nothing about ours', () => {
    const known = observe(asked, intentObserved());
    expect(observe(known, declined(intentWith({ id: 'pi_stray' })))).toEqual(known);
  });

  it('sets the goal to return and says why', () => {
    expect(observe(asked, declined())).toMatchObject({ goal: 'return', reason: 'card_declined', intentId: 'pi_1' });
    expect(observe(asked, { kind: 'declined', intent: null })).toMatchObject({ goal: 'return', intentId: null });
    expect(observe(asked, { kind: 'rejected' })).toMatchObject({ goal: 'return', reason: 'payment_rejected' });
  });

  it('of a creation counts only while no intent is known', () => {
    const known = observe(asked, intentObserved());
    expect(observe(known, { kind: 'rejected' })).toEqual(known);
  });

  it('keeps the reason that was known first', () => {
    const known = observe(asked, declined());
    expect(observe(known, intentObserved({ status: 'canceled' }))).toMatchObject({ reason: 'card_declined' });
  });
});

describe('a failure that the provider may repeat', () => {
  it('raises the generation once, whoever saw it', () => {
    const stuck = failed('create', 1);
    expect(observeAll(asked, [stuck, stuck, stuck]).generation).toBe(2);
  });

  it('raises it again only when it was met in the new generation', () => {
    const known = observeAll(asked, [failed('create', 1), failed('create', 2), failed('create', 1)]);
    expect(known.generation).toBe(3);
  });

  it('of a call that is behind changes no key of the next', () => {
    const known = observe(asked, intentObserved());
    expect(nextCall(known)).toBe('confirm');
    expect(observe(known, failed('create', 1)).generation).toBe(1);
    expect(observe(known, failed('confirm', 1)).generation).toBe(2);
  });
});

describe('whatever is observed, in whatever order and however often', () => {
  const observations = fc.oneof(
    fc
      .record({
        id: fc.constantFrom('pi_1', 'pi_1', 'pi_2'),
        status: fc.constantFrom(...INTENT_STATUSES),
        amount: fc.constantFrom(2400, 2400, 2400, 2399),
        currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'USD'),
        capturedAmount: fc.constantFrom(0, 2400),
      })
      .chain((intent) => fc.constantFrom<Observation>({ kind: 'intent', intent }, { kind: 'declined', intent })),
    fc.integer({ min: 0, max: 2400 }).map(refunds),
    fc.constant<Observation>({ kind: 'declined', intent: null }),
    fc.constant<Observation>({ kind: 'rejected' }),
    fc
      .record({
        call: fc.constantFrom('create', 'confirm', 'cancel', 'refund'),
        generation: fc.integer({ min: 1, max: 4 }),
      })
      .map(({ call, generation }) => failed(call, generation)),
  );

  it('the goal never goes back from return, and nothing known is forgotten', () => {
    fc.assert(
      fc.property(fc.array(observations, { maxLength: 20 }), (sequence) => {
        let known = asked;
        for (const observation of sequence) {
          const next = observe(known, observation);
          const { goal, reason, intentId } = known;
          expect(next).toMatchObject({
            ...(goal === 'return' ? { goal, reason } : {}),
            ...(intentId === null ? {} : { intentId }),
          });
          expect(next.capturedAmount).toBeGreaterThanOrEqual(known.capturedAmount);
          expect(next.refundedAmount).toBeGreaterThanOrEqual(known.refundedAmount);
          expect(next.generation).toBeGreaterThanOrEqual(known.generation);
          known = next;
        }
      }),
    );
  });

  it('a repeat changes nothing', () => {
    fc.assert(
      fc.property(fc.array(observations, { maxLength: 20 }), observations, (before, observation) => {
        const known = observe(observeAll(asked, before), observation);
        expect(observe(known, observation)).toEqual(known);
      }),
    );
  });

  it('what is no news to a payment is none to any later one', () => {
    const told = observations.filter(({ kind }) => kind !== 'stuck'); // that is about one call and its key
    fc.assert(
      fc.property(
        fc.array(observations, { maxLength: 10 }),
        fc.array(observations, { maxLength: 10 }),
        told,
        (before, meanwhile, observation) => {
          const older = before.reduce(observe, paymentWith());
          fc.pre(isDeepStrictEqual(observe(older, observation), older));
          const later = meanwhile.reduce(observe, older);
          expect(observe(later, observation)).toEqual(later);
        },
      ),
    );
  });

  it('the facts of one intent lead to one payment', () => {
    fc.assert(
      fc.property(histories.chain(retold), ({ history, retelling }) => {
        expect(whatCounts(observeAll(asked, retelling))).toEqual(whatCounts(observeAll(asked, history)));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What one intent can have gone through at the provider, as the facts that it makes known on its way. */
const histories: fc.Arbitrary<readonly Observation[]> = fc
  .record({
    before: fc.subarray<Observation>([intentObserved(), intentObserved({ status: 'processing' })]),
    after: fc.constantFrom<readonly Observation[]>(
      [],
      [declined()],
      [declined(), intentObserved({ status: 'canceled' })],
      [intentObserved({ status: 'requires_capture' })],
      [intentObserved({ status: 'requires_capture' }), intentObserved({ status: 'canceled' })],
      [intentObserved({ status: 'requires_capture' }), intentObserved({ status: 'succeeded' })],
      [intentObserved({ status: 'succeeded' }), refunds(1_000), refunds(2_400)],
      [intentObserved({ status: 'requires_capture', amount: 2_399 }), intentObserved({ status: 'canceled' })],
      [intentObserved({ status: 'succeeded', amount: 2_399, capturedAmount: 2_399 }), refunds(2_399)],
    ),
  })
  .map(({ before, after }) => [...before, ...after]);

/** The same facts in another order, some of them more than once. */
const retold = (history: readonly Observation[]) =>
  fc
    .array(fc.constantFrom(...history, refunds(0)), { maxLength: 6 })
    .chain((repeats) => fc.shuffledSubarray([...history, ...repeats], { minLength: history.length + repeats.length }))
    .map((retelling) => ({ history, retelling }));

/**
 * All of a payment but the words: which of two causes was heard first names the reason, and an unconfirmed intent may be
 * known under either of its two names. Neither makes a difference to what is called or answered.
 */
const whatCounts = (payment: Payment) => ({
  ...payment,
  reason: null,
  intentStatus: null,
  nextCall: nextCall(payment),
  answers: (['authorise', 'capture', 'return'] as const).map((kind) => answerTo(kind, payment)?.outcome),
});
