/** The two sagas of an order, as this library's own tests and README use them. */
import { defineSaga } from '../src/index.js';

export const checkout = defineSaga('checkout', 1)
  .step('reserve-stock', { kind: 'local', compensation: 'release-stock', refusals: ['out_of_stock'] })
  .step('authorise-payment', {
    kind: 'remote',
    command: 'authorise-payment',
    compensation: { command: 'return-payment' },
    refusals: ['card_declined'],
  })
  .pivot('capture-payment', {
    command: 'capture-payment',
    refusals: ['authorisation_expired'],
    coveredBy: 'authorise-payment',
  })
  .retriable('send-confirmation', { command: 'send-confirmation' })
  .undone('send-cancellation', { command: 'send-cancellation' })
  .build();

export const refund = defineSaga('refund', 1)
  .retriable('return-payment', { command: 'return-payment' })
  .retriableLocal('restock')
  .retriable('send-cancellation', { command: 'send-cancellation' })
  .build();

/** Nothing but what a saga with a pivot must have. */
export const shortest = defineSaga('shortest', 1)
  .step('book', { kind: 'remote', command: 'book', compensation: { command: 'unbook' }, refusals: ['full'] })
  .pivot('pay', { command: 'pay', coveredBy: 'book' })
  .build();
