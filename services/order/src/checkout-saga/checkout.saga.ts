import { authorisePayment, capturePayment, returnPayment, sendCancellation, sendConfirmation } from '@once/contracts';
import { defineSaga, type SagaDefinition, type SagaTiming } from '@once/saga';

/** From a placed order to a paid one; before the pivot a cancellation wins, and everything is undone in reverse. */
export const checkoutSaga = (timing: Partial<SagaTiming>): SagaDefinition =>
  defineSaga('checkout', 1, timing)
    .step('reserve-stock', { kind: 'local', compensation: 'release-stock', refusals: ['out_of_stock'] })
    .step('authorise-payment', {
      kind: 'remote',
      command: authorisePayment.type,
      compensation: { command: returnPayment.type },
      refusals: ['card_declined', 'payment_rejected', 'amount_mismatch', 'authorisation_expired'],
    })
    .pivot('capture-payment', {
      command: capturePayment.type,
      coveredBy: 'authorise-payment',
      refusals: ['authorisation_expired', 'payment_rejected', 'amount_mismatch'],
    })
    .retriable('send-confirmation', { command: sendConfirmation.type })
    .undone('send-cancellation', { command: sendCancellation.type })
    .build();

/** What a cancellation starts once the order is paid: it only goes forward. */
export const refundSaga = (timing: Partial<SagaTiming>): SagaDefinition =>
  defineSaga('refund', 1, timing)
    .retriable('return-payment', { command: returnPayment.type })
    .retriableLocal('restock')
    .retriable('send-cancellation', { command: sendCancellation.type })
    .build();
