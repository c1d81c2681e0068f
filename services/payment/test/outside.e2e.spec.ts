import { randomUUID } from 'node:crypto';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authoriseForNoOrder, OutsideStory } from './outside-story.js';

const WITHIN = { withinMs: 60_000, everyMs: 100 } as const;
/** Long enough that fifty webhooks are received before the answer arrives. */
const ANSWER_AFTER_MS = 4_000;

let system: SpawnedSystem;
let story: OutsideStory;
let database: Client;
let stripe: Stripe;

beforeAll(async () => {
  system = await spawnSystem();
  story = new OutsideStory(system);
  stripe = new Stripe('sk_test_sandbox', { host: '127.0.0.1', port: system.sandbox.port, protocol: 'http' });
  database = new Client({ connectionString: system.databases.payment.url });
  await database.connect();
});
afterAll(() => database.end());
beforeEach(async () => {
  await story.faults();
  await story.settings({});
});

/** Fifty at once: ten events five times each, the older after the newer, and two of the ten forged. */
async function tellFiftyTimes(type: string, newer: object, older: object): Promise<{ ok: number; refused: number }> {
  const events = Array.from({ length: 10 }, (_, index) => ({
    id: `evt_${randomUUID()}`,
    object: 'event',
    created: Math.floor(Date.now() / 1_000) - index,
    type,
    data: { object: index < 5 ? newer : older },
  }));
  const payloads = Array.from({ length: 50 }, (_, index) => JSON.stringify(events[index % 10]));
  const statuses = await Promise.all(
    payloads.map(async (payload, index) => {
      const secret = index % 5 === 4 ? 'whsec_forged' : 'whsec_sandbox';
      const response = await fetch(`${system.payment.url}/webhooks/stripe`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload, secret }),
        },
        body: payload,
      });
      return response.status;
    }),
  );
  const count = (status: number) => statuses.filter((one) => one === status).length;
  return { ok: count(200), refused: count(400) };
}

describe('fifty webhooks before the answer, reversed and forged in between', () => {
  it('change nothing twice', async () => {
    await story.faults(
      { operation: 'webhooks.deliver', fault: 'drop' },
      { operation: 'payment_intents.confirm', fault: 'slow', delayMs: ANSWER_AFTER_MS },
      { operation: 'payment_intents.capture', fault: 'slow', delayMs: ANSWER_AFTER_MS },
    );
    const id = await story.place();
    const intentAfter = async (kind: string) => {
      const row = await eventually(async () => {
        const found = (await story.ledger(id)).find((one) => one.kind === kind);
        if (found === undefined) throw new Error(`nothing was booked as ${kind} yet`);
        return found;
      }, WITHIN);
      return stripe.paymentIntents.retrieve(row.paymentIntent);
    };

    const authorised = await intentAfter('authorise');
    const created = { ...authorised, status: 'requires_confirmation', amount_capturable: 0 };
    const told = await tellFiftyTimes('payment_intent.amount_capturable_updated', authorised, created);
    const captured = await intentAfter('capture');
    const toldAgain = await tellFiftyTimes('payment_intent.succeeded', captured, authorised);
    expect([told, toldAgain]).toEqual([
      { ok: 40, refused: 10 },
      { ok: 40, refused: 10 },
    ]);

    await eventually(async () => expect(await story.order(id)).toMatchObject({ status: 'confirmed' }), WITHIN);
    await eventually(async () => expect(await story.timeline(id)).toHaveLength(3), WITHIN);
    expect(await story.timeline(id)).toEqual(['authorise-payment ok', 'capture-payment ok', 'send-confirmation ok']);
    expect((await story.ledger(id)).map(({ kind }) => kind)).toEqual(['authorise', 'capture']);
    const { rows } = await database.query(`select from idempotency_record where scope = 'event' and subject = $1`, [
      id,
    ]);
    // Eight of each ten; the fifth and the tenth were forged every time, and left nothing.
    expect(rows).toHaveLength(16);
  });
});

describe('an authorisation that expires before the capture', () => {
  it('ends the order cleanly: nothing taken, nothing left reserved', async () => {
    await story.settings({ authorisationLifeMs: 300 });
    await story.faults({ operation: 'payment_intents.capture', fault: 'rate_limit_429', times: 4 });
    const id = await story.place();
    await eventually(
      async () => expect(await story.order(id)).toMatchObject({ status: 'cancelled', reason: 'authorisation_expired' }),
      WITHIN,
    );
    expect((await story.ledger(id)).map(({ kind }) => kind)).toEqual(['authorise', 'void']);
  });
});

describe('a reconciliation', () => {
  interface Report {
    readonly compared: number;
    readonly healed: readonly { kind: string; orderId: string }[];
    readonly open: readonly { kind: string; intentId: string; atStake: number }[];
  }

  it('lets the books learn what no webhook told, and reports money that no order stands for', async () => {
    await story.faults({ operation: 'webhooks.deliver', fault: 'drop' });
    const id = await story.place();
    await eventually(async () => expect(await story.order(id)).toMatchObject({ status: 'confirmed' }), WITHIN);
    const [booked] = await story.ledger(id);
    await stripe.refunds.create({ payment_intent: booked?.paymentIntent ?? '' });
    const orphan = await authoriseForNoOrder(stripe, 700);

    const report = await story.reconcile<Report>();
    expect(report.healed).toMatchObject([{ kind: 'amount', orderId: id }]);
    expect(report.open).toMatchObject([{ kind: 'orphan', intentId: orphan.id, atStake: 700 }]);
    const { rows } = await database.query('select refunded_amount::int as refunded from payment where order_id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ refunded: 1200 }]);
    expect(await (await fetch(`${system.payment.url}/metrics`)).text()).toContain('reconciliation_drift_open 1');

    await stripe.paymentIntents.cancel(orphan.id);
    expect(await story.reconcile<Report>()).toMatchObject({ healed: [], open: [] });
    expect(await (await fetch(`${system.payment.url}/metrics`)).text()).toContain('reconciliation_drift_open 0');
  });
});
