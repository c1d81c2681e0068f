import { setTimeout as pause } from 'node:timers/promises';
import { auditSystem, seededRandom, spawnSystem, type SeededRandom, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { cancelOrder, orderIdOf, type CancelAnswer } from './cancellation.js';
import { judge } from './judge.js';
import { JUDGED, PROOF_SETTINGS } from './proof-settings.js';
import { makeWish, placeWish, type Wish } from './wish.js';

/** `PROOF_SEEDS=7 npm run proofs -- cancellations` runs another. */
const SEED = Number(process.env['PROOF_SEEDS']?.split(',')[0] ?? '1');
const CANCELLATIONS = 300;

/** Orders under way at a time, also while their duration is measured: it depends on the load. */
const AT_ONCE = 10;

/** A little longer than an order lasts, so that some are cancelled after their mail. */
const LONGEST_SHARE = 1.1;

/** Whether the two cancellations of an order, which are sent at once to two replicas, carry a key, and which. */
const KEYS = [
  [undefined, undefined],
  ['a', 'a'],
  ['a', undefined],
  ['a', 'b'],
] as const;

describe('three hundred cancellations, each twice at once, at any moment of an order', () => {
  it('leave every order cancelled and its money returned', async () => {
    const random = seededRandom(SEED);
    const system = await spawnSystem({ env: PROOF_SETTINGS, ...JUDGED });
    const measured = Array.from({ length: 4 * AT_ONCE }, (_, index) => makeWish(random, `measured-${index}`));
    await inTurns(measured, (wish) => placeWish(system, wish));
    expect(await judge(system, measured)).toEqual([]);
    const durationMs = await checkoutMs(system);

    const plans = planCancellations(random, durationMs);
    print(`an order lasts ${durationMs} ms; cancelled after (ms): ${plans.map(({ afterMs }) => afterMs).join(' ')}`);
    const replicas = [system.order, await system.order.replica(1)] as const;
    await inTurns(plans, async ({ wish, afterMs, keys }) => {
      await placeWish(system, wish);
      await pause(afterMs);
      const id = orderIdOf(wish);
      const cancel = () => Promise.all(replicas.map((replica, index) => cancelOrder(replica, id, keys[index])));
      const first = await cancel();
      expect(first.map(({ status }) => status)).toEqual([expect.toBeOneOf([200, 202]), expect.toBeOneOf([200, 202])]);
      expect(wrongAnswers(keys, first, await cancel())).toEqual([]);
    });

    const wishes = plans.map(({ wish }) => wish);
    expect(await judge(system, [...measured, ...wishes])).toEqual([]);
    expect((await auditSystem(system)).broken).toEqual({});
    const ends = await endsOf(system, wishes.map(orderIdOf));
    print(`undone before they were paid: ${ends.undone}; refunded: ${ends.refunded}`);
    expect(ends.cancelled).toBe(CANCELLATIONS);
    // Both sides of the pivot were met, or the offsets missed the point.
    expect(Math.min(ends.undone, ends.refunded)).toBeGreaterThan(CANCELLATIONS / 20);
  });
});

interface CancellationPlan {
  readonly wish: Wish;
  readonly afterMs: number;
  readonly keys: (typeof KEYS)[number];
}

function planCancellations(random: SeededRandom, durationMs: number): readonly CancellationPlan[] {
  return Array.from({ length: CANCELLATIONS }, (_, index) => ({
    wish: makeWish(random, `cancelled-${index}`),
    afterMs: random.integer(0, Math.round(durationMs * LONGEST_SHARE)),
    keys: KEYS[index % KEYS.length] ?? KEYS[0],
  }));
}

/** Works through the list, so many at a time. */
async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What is wrong with the answers: one key has one answer, byte for byte, to twins as to repeats. */
function wrongAnswers(
  keys: CancellationPlan['keys'],
  first: readonly CancelAnswer[],
  again: readonly CancelAnswer[],
): readonly string[] {
  const isTwin = keys[0] !== undefined && keys[0] === keys[1];
  const [one, other] = first;
  const repeats = keys.flatMap((key, index) => {
    const isRight = again[index]?.body === first[index]?.body && again[index]?.isReplay === true;
    return key === undefined || isRight ? [] : [`a repeat of ${key} got another answer`];
  });
  return isTwin && (one?.body !== other?.body || one?.isReplay === other?.isReplay)
    ? [...repeats, 'twins got different answers, or both counted']
    : repeats;
}

/** From the order to its mail, for nine orders in ten; the first ones are slow, because the processes have just started. */
async function checkoutMs(system: SpawnedSystem): Promise<number> {
  const [row] = await query<{ ms: number }>(
    system,
    `select round(percentile_cont(0.9) within group (order by extract(epoch from updated_at - created_at) * 1000))::int as ms
       from (select * from saga order by id desc limit $1) s
      where state = 'completed'`,
    [2 * AT_ONCE],
  );
  return row?.ms ?? 0;
}

interface Ends {
  readonly cancelled: number;
  readonly undone: number;
  readonly refunded: number;
}

async function endsOf(system: SpawnedSystem, ids: readonly string[]): Promise<Ends> {
  const [row] = await query<Ends>(
    system,
    `select count(*) filter (where o.status = 'cancelled')::int as cancelled,
            count(*) filter (where o.reason = 'requested' and r.id is null)::int as undone,
            count(*) filter (where r.id is not null)::int as refunded
       from customer_order o
       left join saga r on r.subject_id = o.id and r.definition = 'refund'
      where o.id = any ($1::uuid[])`,
    [ids],
  );
  return row ?? { cancelled: 0, undone: 0, refunded: 0 };
}

async function query<Row extends object>(
  system: SpawnedSystem,
  statement: string,
  values: unknown[],
): Promise<readonly Row[]> {
  const client = new Client({ connectionString: system.databases.order.url });
  await client.connect();
  try {
    return (await client.query<Row>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
