import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { ORDER_ID } from '../../test/payments.js';
import { readEvent } from './provider-event.js';

const SECRET = 'whsec_test';
const stripe = new Stripe('sk_test');

const intent = (fields: object = {}) => ({
  id: 'pi_1',
  object: 'payment_intent',
  status: 'requires_capture',
  amount: 2400,
  amount_capturable: 2400,
  amount_received: 0,
  currency: 'eur',
  metadata: { order_id: ORDER_ID },
  ...fields,
});
const charge = (fields: object = {}) => ({
  id: 'ch_1',
  object: 'charge',
  payment_intent: 'pi_1',
  amount_captured: 2400,
  amount_refunded: 1000,
  currency: 'eur',
  metadata: { order_id: ORDER_ID },
  ...fields,
});
const payloadOf = (type: string, object: object) =>
  JSON.stringify({ id: 'evt_1', object: 'event', created: 1_767_323_045, type, data: { object } });
const now = () => Math.floor(Date.now() / 1000);
const sign = (payload: string, fields: { secret?: string; timestamp?: number } = {}) =>
  stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp: now(), ...fields });

const read = (payload: string, signature: string | undefined = sign(payload)) =>
  readEvent(stripe, Buffer.from(payload), signature, SECRET);

describe('an event of the provider', () => {
  it.each([
    ['payment_intent.amount_capturable_updated', intent(), { status: 'requires_capture', amount: 2400 }],
    [
      'payment_intent.succeeded',
      intent({ status: 'succeeded', amount_received: 2399 }),
      { status: 'succeeded', amount: 2399, capturedAmount: 2399 },
    ],
    ['payment_intent.canceled', intent({ status: 'canceled' }), { status: 'canceled', capturedAmount: 0 }],
  ])('%s makes the intent known', (type, object, observed) => {
    expect(read(payloadOf(type, object))).toMatchObject({
      kind: 'event',
      event: {
        id: 'evt_1',
        createdAt: '2026-01-02T03:04:05.000Z',
        orderId: ORDER_ID,
        observation: { kind: 'intent', intent: { id: 'pi_1', ...observed } },
      },
    });
  });

  it('payment_intent.payment_failed makes the refusal of the bank known', () => {
    const failed = payloadOf('payment_intent.payment_failed', intent({ status: 'requires_payment_method' }));
    expect(read(failed)).toMatchObject({
      event: { observation: { kind: 'declined', intent: { id: 'pi_1', status: 'requires_payment_method' } } },
    });
  });

  it('charge.refunded makes known what was taken and what of it has gone back in all', () => {
    expect(read(payloadOf('charge.refunded', charge()))).toMatchObject({
      kind: 'event',
      event: {
        id: 'evt_1',
        orderId: ORDER_ID,
        observation: {
          kind: 'refunded',
          intent: { id: 'pi_1', status: 'succeeded', amount: 2400, currency: 'EUR', capturedAmount: 2400 },
          refundedAmount: 1000,
        },
      },
    });
  });

  it.each([
    ['of a kind that tells nothing of payments', payloadOf('customer.created', { id: 'cus_1' })],
    ['about no order', payloadOf('payment_intent.succeeded', intent({ metadata: {} }))],
    [
      'about an order that is not ours',
      payloadOf('payment_intent.succeeded', intent({ metadata: { order_id: '42' } })),
    ],
    ['without metadata', payloadOf('charge.refunded', charge({ metadata: null }))],
    ['about a charge without an intent', payloadOf('charge.refunded', charge({ payment_intent: null }))],
  ])('%s is foreign', (_name, payload) => {
    expect(read(payload)).toEqual({ kind: 'foreign' });
  });
});

describe('bytes that pretend to be an event', () => {
  const payload = payloadOf('payment_intent.succeeded', intent());

  it.each([
    ['signed with another secret', sign(payload, { secret: 'whsec_other' })],
    ['signed for other bytes', sign(`${payload} `)],
    ['signed too long ago', sign(payload, { timestamp: now() - 301 })],
    ['signed with nothing', ''],
    ['signed in a way that nobody knows', 't=1,v9=abc'],
  ])('are refused when they are %s', (_name, signature) => {
    expect(read(payload, signature)).toMatchObject({ kind: 'refused' });
  });

  it('are refused when they are not signed, or are not an event', () => {
    expect(readEvent(stripe, Buffer.from(payload), undefined, SECRET)).toMatchObject({ kind: 'refused' });
    expect(read('not json')).toMatchObject({ kind: 'refused' });
  });

  it('are still an event a little before they are too old', () => {
    expect(read(payload, sign(payload, { timestamp: now() - 290 }))).toMatchObject({ kind: 'event' });
  });
});
