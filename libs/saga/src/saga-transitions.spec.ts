import { describe, expect, it } from 'vitest';
import { checkout, refund } from '../test/example-sagas.js';
import { defineSaga } from './saga-builder.js';
import { given, type SagaSpecification } from './testing/index.js';

const AUTHORISE = { step: 'authorise-payment', direction: 'action', generation: 1 } as const;
const CAPTURE = { step: 'capture-payment', direction: 'action', generation: 1 } as const;
const RETURN = { step: 'authorise-payment', direction: 'compensation', generation: 1 } as const;

/** The checkout at each place where it awaits something. */
const authorising = (): SagaSpecification =>
  given(checkout).expectLocal('reserve-stock').expectCommand('authorise-payment');
const capturing = (): SagaSpecification => authorising().onReply('ok').expectCommand('capture-payment');
const confirming = (): SagaSpecification =>
  capturing().onReply('ok').expectPivoted().expectCommand('send-confirmation');
const completed = (): SagaSpecification => confirming().onReply('ok').expectCompleted();
const returning = (): SagaSpecification => authorising().onCancel().expectCommand('return-payment');
const cancelling = (): SagaSpecification =>
  returning().onReply('ok').expectLocal('release-stock').expectUndone().expectCommand('send-cancellation');
const compensated = (): SagaSpecification => cancelling().onReply('ok').expectCompensated();

describe('a saga whose steps succeed', () => {
  it('runs forward to its end', () => {
    completed().expectTimer(null).expectReason(null);
  });

  it('runs local steps in the transition that reaches them', () => {
    given(refund)
      .expectCommand('return-payment')
      .onReply('ok')
      .expectLocal('restock')
      .expectCommand('send-cancellation')
      .onReply('ok')
      .expectCompleted();
  });
});

describe('a refusal before the pivot', () => {
  it('of a local first step follows the undone steps at once, and nothing is compensated', () => {
    given(checkout, { step: 'reserve-stock', reason: 'out_of_stock' })
      .expectUndone()
      .expectCommand('send-cancellation')
      .expectReason('out_of_stock')
      .onReply('ok')
      .expectCompensated();
  });

  it('undoes only the steps before the refused one, which did nothing', () => {
    authorising()
      .onRefusal('card_declined')
      .expectLocal('release-stock')
      .expectUndone()
      .expectCommand('send-cancellation')
      .expectReason('card_declined');
  });

  it('of a local step on the way undoes those before it', () => {
    const trip = defineSaga('trip', 1)
      .step('book', { kind: 'remote', command: 'book', compensation: { command: 'unbook' } })
      .step('allot-seat', { kind: 'local', compensation: 'free-seat', refusals: ['full'] })
      .pivot('pay', { command: 'pay', coveredBy: 'book' })
      .build();
    given(trip)
      .expectCommand('book')
      .onReply('ok', undefined, { step: 'allot-seat', reason: 'full' })
      .expectCommand('unbook')
      .expectReason('full')
      .onReply('ok')
      .expectUndone()
      .expectCompensated();
  });

  it('of a local step that must succeed is a mistake of the caller', () => {
    const returning = given(refund).expectCommand('return-payment');
    expect(() => returning.onReply('ok', undefined, { step: 'restock', reason: 'no_room' })).toThrow(
      'step restock must succeed and cannot be refused',
    );
  });

  it('of the pivot undoes everything in reverse', () => {
    capturing()
      .onRefusal('authorisation_expired')
      .expectCommand('return-payment')
      .onReply('ok')
      .expectLocal('release-stock')
      .expectUndone()
      .expectCommand('send-cancellation')
      .expectReason('authorisation_expired');
  });
});

describe('a cancellation', () => {
  it('undoes the step in flight and those before it when the pivot is not sent yet', () => {
    compensated().expectReason('requested');
  });

  it('undoes everything when the pivot is in flight', () => {
    capturing().onCancel().expectCommand('return-payment');
  });

  it('wins over the answers that were under way, which are late', () => {
    capturing()
      .onCancel()
      .expectCommand('return-payment')
      .onReplyTo(CAPTURE, 'ok')
      .expectLate()
      .onReply('ok')
      .expectLocal('release-stock')
      .expectUndone()
      .expectCommand('send-cancellation');
  });

  it('changes nothing the second time', () => {
    returning().onCancel().expectIgnored();
    cancelling().onCancel().expectIgnored();
    compensated().onCancel().expectIgnored();
  });

  it('keeps the first reason', () => {
    authorising()
      .onDeadline()
      .expectCommand('return-payment')
      .onCancel('requested')
      .expectIgnored()
      .expectReason('timed_out');
  });

  it('hands over after the pivot, once', () => {
    confirming().onCancel().expectHandedOver().onCancel().expectIgnored();
    completed().onCancel().expectHandedOver().onCancel().expectIgnored();
  });

  it('does not stop a saga without pivot, which undoes another one', () => {
    given(refund).expectCommand('return-payment').onCancel().expectIgnored();
  });
});

describe('silence', () => {
  it('asks again for the same operation, with pauses that double up to the longest', () => {
    const saga = authorising().expectTimer(10_000);
    for (const [attempt, pauseMs] of [
      [2, 20_000],
      [3, 40_000],
      [4, 60_000],
      [5, 60_000],
    ] as const) {
      saga.onTimer().expectCommand('authorise-payment', { attempt }).expectTimer(pauseMs);
    }
    saga.onReply('ok').expectCommand('capture-payment');
  });

  it('asks once when two replicas see the same timer run out', () => {
    authorising().onTimer().expectCommand('authorise-payment', { attempt: 2 }).onTimerOf(AUTHORISE, 1).expectIgnored();
  });

  it('says nothing to a timer that waited for another operation', () => {
    capturing().onTimerOf(AUTHORISE, 1).expectIgnored();
    completed().onTimerOf(CAPTURE, 1).expectIgnored();
  });

  it('past the deadline undoes a saga that has not reached its pivot', () => {
    authorising().onDeadline().expectCommand('return-payment').expectReason('timed_out');
    capturing().onDeadline().expectCommand('return-payment').expectReason('timed_out');
  });

  it('past the deadline changes nothing after the pivot, or once it is being undone', () => {
    confirming().onDeadline().expectIgnored();
    completed().onDeadline().expectIgnored();
    returning().onDeadline().expectIgnored();
  });

  it('never ends a compensation', () => {
    const saga = returning();
    for (const attempt of [2, 3, 4, 5]) saga.onTimer().expectCommand('return-payment', { attempt });
  });
});

describe('a definite refusal of what must succeed', () => {
  it('gives the next try the next generation, after a pause that doubles', () => {
    returning()
      .onReply('refused')
      .expectPause()
      .expectTimer(10_000)
      .onTimer()
      .expectCommand('return-payment', { generation: 2 })
      .onReply('refused')
      .expectPause()
      .expectTimer(20_000)
      .onTimer()
      .expectCommand('return-payment', { generation: 3 })
      .onReply('ok')
      .expectLocal('release-stock')
      .expectUndone()
      .expectCommand('send-cancellation');
  });

  it('keeps the generation while only time passes', () => {
    returning()
      .onReply('refused')
      .expectPause()
      .onTimer()
      .expectCommand('return-payment', { generation: 2, attempt: 1 })
      .onTimer()
      .expectCommand('return-payment', { generation: 2, attempt: 2 });
  });

  it('applies to steps after the pivot and after undoing alike', () => {
    confirming().onReply('refused').expectPause().onTimer().expectCommand('send-confirmation', { generation: 2 });
    cancelling().onReply('refused').expectPause().onTimer().expectCommand('send-cancellation', { generation: 2 });
  });

  it('makes a success of the refused generation late', () => {
    returning().onReply('refused').expectPause().onReplyTo(RETURN, 'ok').expectLate();
  });
});

describe('a reply', () => {
  it('counts for its operation whichever attempt provoked it', () => {
    authorising()
      .onTimer()
      .expectCommand('authorise-payment', { attempt: 2 })
      .onReplyTo(AUTHORISE, 'ok')
      .expectCommand('capture-payment');
  });

  it('changes nothing but the timeline when it comes twice', () => {
    authorising().onReply('ok').expectCommand('capture-payment').onRepeatedReply().expectLate();
    authorising()
      .onRefusal('card_declined')
      .expectLocal('release-stock')
      .expectUndone()
      .expectCommand('send-cancellation')
      .onRepeatedReply()
      .expectLate();
    completed().onRepeatedReply().expectLate();
  });

  it('to the action is late once the saga compensates, and does not complete the compensation of the same step', () => {
    returning().onReplyTo(AUTHORISE, 'ok').expectLate().onReplyTo(AUTHORISE, 'refused').expectLate();
  });
});
