import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { ORDER_ID, paymentWith } from '../../test/payments.js';
import type { ProviderCall } from '../payment/next-call.js';
import type { Payment } from '../payment/payment.js';
import { GuardedClient } from './guarded-client.js';
import { openStripe, StripeProvider } from './stripe-provider.js';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly key: string | null;
  readonly body: string;
}

/** The real SDK in front of a wire that answers what the test says. */
class Wire {
  readonly sent: Sent[] = [];
  readonly provider: StripeProvider;

  constructor(...answers: readonly (() => Response)[]) {
    const next = answers.values();
    const httpClient = Stripe.createFetchHttpClient((input, init) => {
      const { pathname, search } = new URL(input instanceof Request ? input.url : input);
      const { method = 'GET', headers, body } = init ?? {};
      this.sent.push({
        method,
        path: pathname + search,
        key: new Headers(headers).get('idempotency-key'),
        body: typeof body === 'string' ? decodeURIComponent(body) : '',
      });
      const answer = next.next().value;
      return answer === undefined ? Promise.reject(new Error('nobody answers')) : Promise.resolve().then(answer);
    });
    const guarded = new GuardedClient({ timeoutMs: 5_000, backoffMaxMs: 1_000 }, () => undefined, httpClient);
    this.provider = new StripeProvider(
      openStripe({ apiKey: 'sk_test', url: '', timeoutMs: 5_000, httpClient: guarded }),
    );
  }
}

const json = (status: number, body: object) => () => new Response(JSON.stringify(body), { status });
const error = (status: number, fields: object = {}) =>
  json(status, { error: { type: 'invalid_request_error', message: 'no', ...fields } });
const hangUp = () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('socket hang up'), { code: 'ETIMEDOUT' }) });
};

/** The one failure that the SDK repeats a call after, whatever its settings say. */
const closed = () => {
  throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
};

const stripeIntent = (fields: object = {}) => ({
  id: 'pi_1',
  object: 'payment_intent',
  status: 'requires_confirmation',
  amount: 2400,
  amount_capturable: 0,
  amount_received: 0,
  currency: 'eur',
  ...fields,
});

const known: Payment = paymentWith({ intentId: 'pi_1', intentStatus: 'requires_confirmation' });
const captured: Payment = { ...known, intentStatus: 'succeeded', capturedAmount: 2400, goal: 'return' };
const addressedCalls = ['confirm', 'capture', 'cancel', 'refund'] as const satisfies readonly ProviderCall[];

describe('a call to Stripe', () => {
  it('creates without confirming, for the order’s amount, under a key of the operation', async () => {
    const wire = new Wire(json(200, stripeIntent()));
    await wire.provider.call('create', paymentWith());

    const [sent] = wire.sent;
    expect(sent).toMatchObject({ method: 'POST', path: '/v1/payment_intents', key: `${ORDER_ID}:create:1` });
    expect(Object.fromEntries(new URLSearchParams(sent?.body))).toEqual({
      amount: '2400',
      currency: 'eur',
      payment_method: 'pm_card_visa',
      capture_method: 'manual',
      'automatic_payment_methods[enabled]': 'true',
      'automatic_payment_methods[allow_redirects]': 'never',
      'metadata[order_id]': ORDER_ID,
    });
  });

  it.each(['confirm', 'capture', 'cancel'] as const)('names the recorded intent to %s it', async (call) => {
    const wire = new Wire(json(200, stripeIntent()));
    await wire.provider.call(call, known);
    expect(wire.sent).toEqual([
      { method: 'POST', path: `/v1/payment_intents/pi_1/${call}`, key: `${ORDER_ID}:${call}:1`, body: '' },
    ]);
  });

  it('refunds what is captured and not refunded yet, and knows the sum afterwards', async () => {
    const wire = new Wire(json(200, { object: 'refund', amount: 1400, status: 'succeeded' }));
    const result = await wire.provider.call('refund', { ...captured, refundedAmount: 1000, generation: 3 });

    expect(wire.sent).toEqual([
      { method: 'POST', path: '/v1/refunds', key: `${ORDER_ID}:refund:3`, body: 'payment_intent=pi_1&amount=1400' },
    ]);
    expect(result).toEqual({ kind: 'observed', observation: { kind: 'refunds', refundedAmount: 2400 } });
  });

  it.each([
    ['would take', stripeIntent(), { status: 'requires_confirmation', amount: 2400, capturedAmount: 0 }],
    [
      'has reserved',
      stripeIntent({ status: 'requires_capture', amount_capturable: 2399 }),
      { status: 'requires_capture', amount: 2399, capturedAmount: 0 },
    ],
    [
      'has taken',
      stripeIntent({ status: 'succeeded', amount_received: 2399 }),
      { status: 'succeeded', amount: 2399, capturedAmount: 2399 },
    ],
    ['has let go', stripeIntent({ status: 'canceled' }), { status: 'canceled', amount: 2400, capturedAmount: 0 }],
    [
      'is about in a status of a later API',
      stripeIntent({ status: 'dreaming' }),
      { status: 'processing', amount: 2400 },
    ],
  ])('observes the amount that the intent %s', async (_name, intent, observed) => {
    const result = await new Wire(json(200, intent)).provider.call('confirm', known);
    expect(result).toMatchObject({
      kind: 'observed',
      observation: { kind: 'intent', intent: { id: 'pi_1', currency: 'EUR', ...observed } },
    });
  });
});

describe('what a failed call tells', () => {
  it('402: the bank said no, and how the intent stands', async () => {
    const declined = {
      type: 'card_error',
      code: 'card_declined',
      payment_intent: stripeIntent({ status: 'requires_payment_method' }),
    };
    expect(await new Wire(error(402, declined)).provider.call('confirm', known)).toMatchObject({
      kind: 'observed',
      observation: { kind: 'declined', intent: { id: 'pi_1', status: 'requires_payment_method' } },
    });
    expect(await new Wire(error(402, { type: 'card_error' })).provider.call('confirm', known)).toEqual({
      kind: 'observed',
      observation: { kind: 'declined', intent: null },
    });
  });

  it.each([400, 404])('%i of a creation: a definite no', async (status) => {
    expect(await new Wire(error(status)).provider.call('create', paymentWith())).toEqual({
      kind: 'observed',
      observation: { kind: 'rejected' },
    });
  });

  it.each([401, 403])('%i: our key is wrong, which says nothing about the order', async (status) => {
    expect(await new Wire(error(status)).provider.call('create', paymentWith())).toMatchObject({ kind: 'unknown' });
    for (const call of addressedCalls) {
      const payment = call === 'refund' ? captured : known;
      expect(await new Wire(error(status)).provider.call(call, payment)).toMatchObject({ kind: 'unknown' });
    }
  });

  it.each(['failed', 'canceled'])(
    'a refund that is %s has returned nothing, and will not under this key',
    async (status) => {
      const wire = new Wire(json(200, { object: 'refund', id: 're_1', amount: 2400, status }));
      expect(await wire.provider.call('refund', captured)).toMatchObject({ kind: 'refused' });
    },
  );

  it.each(addressedCalls)('400 of a %s: the object is not where we thought', async (call) => {
    const payment = call === 'refund' ? captured : known;
    expect(await new Wire(error(400)).provider.call(call, payment)).toMatchObject({ kind: 'refused' });
    const reused = error(400, { type: 'idempotency_error' });
    expect(await new Wire(reused).provider.call(call, payment)).toMatchObject({ kind: 'refused' });
  });

  it.each(['create', ...addressedCalls] as const)(
    '500 and 503 of a %s: it may be stored under this key',
    async (call) => {
      const payment: Payment = { ...(call === 'refund' ? captured : known), generation: 4 };
      for (const status of [500, 503]) {
        const answer = error(status, { type: 'api_error' });
        expect(await new Wire(answer).provider.call(call, payment)).toEqual({
          kind: 'observed',
          observation: { kind: 'stuck', call, generation: 4 },
        });
      }
    },
  );

  it.each([
    ['409, the first answer is still being made', error(409, { type: 'idempotency_error' })],
    ['429, asked too often', error(429)],
    ['a connection that ended', hangUp],
    ['a page that is not JSON', () => new Response('<html>oops</html>', { status: 200 })],
    ['JSON that is no intent', json(200, { id: 'pi_1' })],
    ['an empty answer', () => new Response('', { status: 200 })],
  ])('%s: nothing is known', async (_name, answer) => {
    expect(await new Wire(answer).provider.call('create', paymentWith())).toMatchObject({ kind: 'unknown' });
    expect(await new Wire(answer).provider.call('capture', known)).toMatchObject({ kind: 'unknown' });
  });

  it('is asked once: the SDK repeats nothing by itself', async () => {
    for (const answer of [error(409), error(429), error(500), error(503), hangUp, closed]) {
      const wire = new Wire(answer, answer, answer);
      await wire.provider.call('confirm', known);
      expect(wire.sent).toHaveLength(1);
    }
  });
});

describe('a look-up', () => {
  const page = (refunds: readonly object[], hasMore = false) =>
    json(200, { object: 'list', data: refunds, has_more: hasMore });
  const refund = (id: string, amount: number, status = 'succeeded') => ({ id, object: 'refund', amount, status });

  it('reads the intent, and its refunds only when it has taken something', async () => {
    const wire = new Wire(json(200, stripeIntent({ status: 'requires_capture', amount_capturable: 2400 })));
    expect(await wire.provider.read('pi_1')).toMatchObject({
      kind: 'observed',
      observations: [{ kind: 'intent', intent: { status: 'requires_capture' } }],
    });
    expect(wire.sent).toEqual([{ method: 'GET', path: '/v1/payment_intents/pi_1', key: null, body: '' }]);
  });

  it('adds up every page of refunds, without those that did not come about', async () => {
    const succeeded = stripeIntent({ status: 'succeeded', amount_received: 2400 });
    const first = page([refund('re_1', 1000), refund('re_2', 500, 'failed'), refund('re_3', 300, 'pending')], true);
    const second = page([refund('re_4', 100), refund('re_5', 600, 'canceled')]);
    const { provider } = new Wire(json(200, succeeded), first, second);
    expect(await provider.read('pi_1')).toMatchObject({
      observations: [{ kind: 'intent' }, { kind: 'refunds', refundedAmount: 1400 }],
    });
  });

  it.each([
    ['the intent', [error(500)]],
    ['the refunds', [json(200, stripeIntent({ status: 'succeeded' })), hangUp]],
    ['a limit', [error(429)]],
  ])('that fails on %s knows nothing', async (_name, answers) => {
    expect(await new Wire(...answers).provider.read('pi_1')).toMatchObject({ kind: 'unknown' });
  });

  it.each([401, 403, 404])('is refused when the provider does not show the intent: %i', async (status) => {
    expect(await new Wire(error(status)).provider.read('pi_1')).toMatchObject({ kind: 'refused' });
  });
});

describe('the client of Stripe', () => {
  it.each([
    ['', 'api.stripe.com', 443, 'https'],
    ['http://127.0.0.1:3003', '127.0.0.1', 3003, 'http'],
    ['http://sandbox', 'sandbox', 80, 'http'],
    ['https://provider.example', 'provider.example', 443, 'https'],
  ])('for %j talks to %s:%i over %s and repeats nothing by itself', (url, host, port, protocol) => {
    const httpClient = Stripe.createNodeHttpClient();
    const stripe = openStripe({ apiKey: 'sk_test', url, timeoutMs: 1_234, httpClient });
    expect(stripe.getApiField('host')).toBe(host);
    expect(Number(stripe.getApiField('port'))).toBe(port);
    expect(stripe.getApiField('protocol')).toBe(protocol);
    expect(stripe.getApiField('timeout')).toBe(1_234);
    expect(stripe.getMaxNetworkRetries()).toBe(0);
  });
});
