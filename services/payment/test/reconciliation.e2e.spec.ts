import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { eventually, spawnSystem, type SpawnedService, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import Stripe from 'stripe';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authoriseForNoOrder, OutsideStory } from './outside-story.js';

const script = fileURLToPath(new URL('../../../scripts/once.mjs', import.meta.url));
const WITHIN = { withinMs: 60_000, everyMs: 200 } as const;

let system: SpawnedSystem;
let second: SpawnedService;
let story: OutsideStory;
let database: Client;
let stripe: Stripe;

beforeAll(async () => {
  system = await spawnSystem({ env: { RECONCILE_EVERY_MS: '1000' } });
  second = await system.payment.replica(1);
  story = new OutsideStory(system);
  stripe = new Stripe('sk_test_sandbox', { host: '127.0.0.1', port: system.sandbox.port, protocol: 'http' });
  database = new Client({ connectionString: system.databases.payment.url });
  await database.connect();
});
afterAll(() => database.end());

/** A paid order, and its intent at the provider. */
async function paid(): Promise<{ orderId: string; intentId: string }> {
  const orderId = await story.place();
  await eventually(async () => expect(await story.order(orderId)).toMatchObject({ status: 'confirmed' }), WITHIN);
  const [booked] = await story.ledger(orderId);
  return { orderId, intentId: booked?.paymentIntent ?? '' };
}

const plant = (orderId: string, change: string) =>
  database.query(`update payment set ${change} where order_id = $1`, [orderId]);

/** `npm run once -- reconcile`, as a program of its own. */
async function reconcileByHand(...args: readonly string[]): Promise<{ code: number | null; printed: string }> {
  const child = spawn(process.execPath, [script, 'reconcile', ...args], {
    env: { ...process.env, PAYMENT_URL: second.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { code: child.exitCode, printed };
}

const openDrifts = async (): Promise<readonly string[]> => {
  const { rows } = await database.query<{ kind: string; intent_id: string }>(
    'select kind, intent_id from reconciliation_drift where healed_at is null order by kind, intent_id',
  );
  return rows.map(({ kind, intent_id: id }) => `${kind} ${id}`);
};

it('finds drift of every class by itself, shows it, and closes what is mended', async () => {
  await story.faults({ operation: 'webhooks.deliver', fault: 'drop' });
  const [other, further, lost, learned] = [await paid(), await paid(), await paid(), await paid()];
  await plant(other.orderId, 'refunded_amount = captured_amount');
  await plant(further.orderId, `intent_status = 'canceled'`);
  await plant(lost.orderId, `intent_id = 'pi_nowhere'`);
  await stripe.refunds.create({ payment_intent: learned.intentId });
  const foreign = await authoriseForNoOrder(stripe, 700);

  const planted = [
    `amount ${other.intentId}`,
    'missing pi_nowhere',
    `orphan ${foreign.id}`,
    // Nobody looks for it any more under its own name.
    `orphan ${lost.intentId}`,
    `state ${further.intentId}`,
  ].toSorted();
  await eventually(async () => expect(await openDrifts()).toEqual(planted), WITHIN);
  for (const { url } of [system.payment, second]) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('reconciliation_drift_open 5');
  }
  const { rows } = await database.query(
    `select kind, (select refunded_amount::int from payment where order_id::text = d.order_id) as refunded
       from reconciliation_drift d where intent_id = $1 and healed_at is not null`,
    [learned.intentId],
  );
  expect(rows).toEqual([{ kind: 'amount', refunded: 1200 }]);
  expect(system.payment.logs() + second.logs()).toContain('our books and the provider differ');

  const found = await reconcileByHand();
  expect(found.code).toBe(1);
  expect(found.printed).toContain('differ: 5');
  for (const drift of planted) expect(found.printed).toMatch(new RegExp(drift.replace(' ', '\\s.*')));

  await plant(other.orderId, 'refunded_amount = 0');
  await plant(further.orderId, `intent_status = 'succeeded', goal = 'collect', reason = null`);
  await plant(lost.orderId, `intent_id = '${lost.intentId}'`);
  await stripe.paymentIntents.cancel(foreign.id);
  await eventually(async () => expect(await openDrifts()).toEqual([]), WITHIN);
  const mended = await reconcileByHand('--hours', '1');
  expect(mended).toMatchObject({
    code: 0,
    printed: expect.stringContaining("our books and the provider's agree") as string,
  });
});

it('is run by one replica at a time', async () => {
  const runs = async () => {
    const { rows } = await database.query<{ runs: number }>('select count(*)::int as runs from reconciliation_run');
    return rows[0]?.runs ?? 0;
  };
  const before = await runs();
  const { seq = 0 } = (await lists()).at(-1) ?? {};
  await eventually(async () => expect(await runs()).toBeGreaterThan(before + 4), WITHIN);
  // A run asks for the list of four payments once; the last one may not have asked yet, and the first may be of before.
  const asked = (await lists()).filter((call) => call.seq > seq).length;
  expect(Math.abs(asked - ((await runs()) - before))).toBeLessThanOrEqual(1);
});

const lists = async () => {
  const response = await fetch(`${system.sandbox.url}/sandbox/calls?limit=100000`);
  const calls = (await response.json()) as { seq: number; operation: string }[];
  return calls.filter(({ operation }) => operation === 'payment_intents.list');
};
