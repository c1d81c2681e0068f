import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import Stripe from 'stripe';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The development secret of the contract. */
const SECRET = 'whsec_sandbox';

let system: SpawnedSystem;
let database: Client;
const stripe = new Stripe('sk_test_sandbox');

beforeAll(async () => {
  system = await spawnSystem();
  database = new Client({ connectionString: system.databases.payment.url });
  await database.connect();
});

afterAll(() => database.end());

function eventAbout(orderId: string, status: string, intentId = `pi_${randomUUID()}`): string {
  return JSON.stringify({
    id: `evt_${randomUUID()}`,
    object: 'event',
    created: Math.floor(Date.now() / 1000),
    type: 'payment_intent.canceled',
    data: {
      object: {
        id: intentId,
        object: 'payment_intent',
        status,
        amount: 1200,
        currency: 'eur',
        amount_received: 0,
        metadata: { order_id: orderId },
      },
    },
  });
}

function signed(payload: string, { secret = SECRET, timestamp = Math.floor(Date.now() / 1000) } = {}): string {
  return stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
}

function deliver(payload: string, signature: string | undefined) {
  const request = supertest(system.payment.url).post('/webhooks/stripe').set('Content-Type', 'application/json');
  return (signature === undefined ? request : request.set('Stripe-Signature', signature)).send(payload);
}

async function recordsOf(payload: string): Promise<number> {
  const { id } = JSON.parse(payload) as { id: string };
  const { rows } = await database.query(`select from idempotency_record where scope = 'event' and key = $1`, [id]);
  return rows.length;
}

describe('a webhook', () => {
  it('is recorded once however often and however parallel it comes', async () => {
    const payload = eventAbout(randomUUID(), 'canceled');
    const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(payload, signed(payload))));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await recordsOf(payload)).toBe(1);
  });

  it('changes nothing, and sets off an alarm, when its id comes again with something else', async () => {
    const payload = eventAbout(randomUUID(), 'canceled');
    const other = payload.replace('"status":"canceled"', '"status":"requires_capture"');
    for (const said of [payload, other, other]) expect((await deliver(said, signed(said))).status).toBe(200);
    expect(await recordsOf(payload)).toBe(1);
    const { text } = await supertest(system.payment.url).get('/metrics');
    expect(text).toMatch(/^once_idempotency_mismatches_total\{.*door="event".*\} 2$/m);
  });

  it.each([
    ['without a signature', (): string | undefined => undefined],
    ['with a forged signature', (payload: string): string => signed(payload, { secret: 'whsec_other' })],
    ['with the signature of other bytes', (payload: string): string => signed(`${payload} `)],
    [
      'played back later',
      (payload: string): string => signed(payload, { timestamp: Math.floor(Date.now() / 1000) - 600 }),
    ],
  ])('is refused without effect %s', async (_name, sign) => {
    const payload = eventAbout(randomUUID(), 'canceled');
    const answer = await deliver(payload, sign(payload));

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ type: '/problems/invalid-request' });
    expect(await recordsOf(payload)).toBe(0);
  });

  it('is acknowledged only after it is committed', async () => {
    const payload = eventAbout(randomUUID(), 'canceled');
    await database.query('begin');
    await database.query('lock table idempotency_record in share mode');
    const answer = deliver(payload, signed(payload)).then(({ status }) => status);
    expect(await Promise.race([answer, pause(1_000).then(() => 'no answer yet')])).toBe('no answer yet');
    await database.query('commit');

    expect(await answer).toBe(200);
    expect(await recordsOf(payload)).toBe(1);
  });

  it.each([
    [
      'about an intent that names no order of ours',
      (event: string) => event.replace(/"metadata":\{[^}]*\}/, '"metadata":{}'),
    ],
    [
      'of a kind that is not about payments',
      (event: string) => event.replace('payment_intent.canceled', 'payout.paid'),
    ],
  ])('is taken and left at that when it is %s', async (_name, make) => {
    const payload = make(eventAbout(randomUUID(), 'canceled'));
    expect((await deliver(payload, signed(payload))).status).toBe(200);
    expect(await recordsOf(payload)).toBe(0);
  });

  it('tells of a payment what its answer tells, and changes nothing twice', async () => {
    const placed = await supertest(system.order.url)
      .post('/orders')
      .set('Authorization', 'Bearer sk_demo')
      .set('Idempotency-Key', randomUUID())
      .send({
        customer: { email: 'ada@example.com' },
        items: [{ sku: 'mug', quantity: 1 }],
        payment: { method: 'pm_card_visa' },
      });
    const { id } = placed.body as { id: string };

    const events = await eventually(async () => {
      const { rows } = await database.query<{ outcome: { isOrphan: boolean } }>(
        `select outcome from idempotency_record where scope = 'event' and subject = $1`,
        [id],
      );
      expect(rows).toHaveLength(2);
      return rows;
    });
    expect(events.map(({ outcome }) => outcome.isOrphan)).toEqual([false, false]);
    const ledger = await supertest(system.sandbox.url).get(`/sandbox/ledger?order_id=${id}`);
    expect((ledger.body as { kind: string }[]).map(({ kind }) => kind)).toEqual(['authorise', 'capture']);
  });
});
