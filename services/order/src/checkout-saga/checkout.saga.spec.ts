import { given, type SagaSpecification } from '@once/saga/testing';
import { describe, it } from 'vitest';
import { checkoutSaga, refundSaga } from './checkout.saga.js';

const checkout = checkoutSaga({});
const placed = (): SagaSpecification => given(checkout).expectLocal('reserve-stock').expectCommand('authorise-payment');
const authorised = (): SagaSpecification => placed().onReply('ok').expectCommand('capture-payment');
const confirmed = (): SagaSpecification =>
  authorised().onReply('ok').expectPivoted().expectCommand('send-confirmation');

const expectUndone = (story: SagaSpecification): SagaSpecification =>
  story
    .expectLocal('release-stock')
    .expectUndone()
    .expectCommand('send-cancellation')
    .onReply('ok')
    .expectCompensated();

describe('the checkout', () => {
  it('ends with a mail once the money was taken', () => {
    confirmed().onReply('ok').expectCompleted();
  });

  it('asks nobody when there is no stock', () => {
    given(checkout, { step: 'reserve-stock', reason: 'out_of_stock' })
      .expectUndone()
      .expectCommand('send-cancellation')
      .expectReason('out_of_stock')
      .onReply('ok')
      .expectCompensated();
  });

  it('returns nothing when the card was declined', () => {
    expectUndone(placed().onRefusal('card_declined'));
  });

  it('returns the payment when the authorisation has run out before the capture', () => {
    expectUndone(authorised().onRefusal('authorisation_expired').expectCommand('return-payment').onReply('ok'));
  });

  it.each(['cancellation', 'deadline'] as const)('returns what may be under way at a %s', (moment) => {
    for (const story of [placed(), authorised()]) {
      const stopped = moment === 'deadline' ? story.onDeadline() : story.onCancel();
      expectUndone(stopped.expectCommand('return-payment').onReply('ok'));
    }
  });

  it('is handed over to the refund when it is cancelled after the capture, before or after its mail', () => {
    confirmed().onCancel().expectHandedOver();
    confirmed().onReply('ok').expectCompleted().onCancel().expectHandedOver();
  });

  it('waits for the answer that decides', () => {
    authorised()
      .onReply('unknown', 'capture_refused')
      .expectParked('capture_refused')
      .onReply('ok')
      .expectPivoted()
      .expectCommand('send-confirmation');
  });
});

describe('the refund', () => {
  const refund = (): SagaSpecification => given(refundSaga({})).expectCommand('return-payment');

  it('puts the units back when the money has gone back, and tells the customer', () => {
    refund().onReply('ok').expectLocal('restock').expectCommand('send-cancellation').onReply('ok').expectCompleted();
  });

  it('takes no no for an answer', () => {
    refund()
      .onRefusal('why')
      .expectPause()
      .onTimer()
      .expectCommand('return-payment', { generation: 2 })
      .onReply('ok')
      .expectLocal('restock')
      .expectCommand('send-cancellation');
  });

  it('cannot be cancelled', () => {
    refund().onCancel().expectIgnored();
  });
});
