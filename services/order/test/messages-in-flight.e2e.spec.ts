import { setTimeout as pause } from 'node:timers/promises';
import { spawnSystem, spawnWiredSystem, type SpawnedSystem, type Wire, type WiredSystem } from '@once/testing';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { judge } from './proofs/judge.js';
import { PROOF_SETTINGS } from './proofs/proof-settings.js';
import { placeWish, type Wish } from './proofs/wish.js';

/** Enough that each service has work in hand whenever it is told to end. */
const ORDERS = 60;
const ORDER_EVERY_MS = 80;

/** Above what a commit takes on a busy machine; below what a call to the provider may take. */
const SLOW_MS = 800;

const TEST_WITHIN_MS = 300_000;

const wishOf = (n: number): Wish => ({ key: `in-flight-${n}`, sku: 'mug', method: 'pm_card_visa', answers: [] });

/** The sagas' timers are far away, so what is lost stays lost. */
describe('messages that are in flight', () => {
  it.each([1, 50])(
    'are finished and acknowledged when every service in turn gets a SIGTERM under load (batches of %i)',
    async (batchMax) => {
      const system = await spawnSystem({ env: { ...PROOF_SETTINGS, BATCH_MAX: String(batchMax) } });
      const wishes = Array.from({ length: ORDERS }, (_, n) => wishOf(n));
      const placing = Promise.all(
        wishes.map(async (wish, n) => {
          await pause(n * ORDER_EVERY_MS);
          return placeWish(system, wish);
        }),
      );
      const exits: (number | null)[] = [];
      for (const service of [system.payment, system.notification, system.order]) {
        await pause(5 * ORDER_EVERY_MS);
        exits.push(await service.stop());
        await service.start();
      }
      await placing;
      expect(exits).toEqual([0, 0, 0]);
      expect(await judge(system, wishes)).toEqual([]);
      expect(await handledTwice(system)).toBe(0);
    },
    TEST_WITHIN_MS,
  );

  it(
    'are acknowledged when their intent is committed, and do not wait for the provider',
    async () => {
      const system = await spawnWiredSystem({ env: PROOF_SETTINGS });
      const broker = wireOf(system, 'payment-broker');
      const provider = wireOf(system, 'payment-provider');
      provider.proxy.slow({ delayMs: SLOW_MS / 2 });
      const stopBroker = broker.proxy.record();
      const stopProvider = provider.proxy.record();
      const wishes = Array.from({ length: 5 }, (_, n) => wishOf(n));
      await Promise.all(wishes.map((wish) => placeWish(system, wish)));
      expect(await judge(system, wishes)).toEqual([]);

      const acknowledgedAt =
        stopBroker()
          .find(({ kind }) => kind === 'ack')
          ?.at.getTime() ?? Infinity;
      const answeredAt =
        stopProvider()
          // Not that to the look-up with which reconciliation begins.
          .find(({ kind, detail }) => kind === 'response' && detail.startsWith('POST'))
          ?.at.getTime() ?? 0;
      expect(acknowledgedAt).toBeLessThan(answeredAt);
    },
    TEST_WITHIN_MS,
  );
});

/**
 * What had been handled by a process that ended orderly comes to nobody again. (The flag of a redelivered message says less: a
 * quorum queue sets it also on what it was about to hand out and never did.)
 */
async function handledTwice(system: SpawnedSystem): Promise<number> {
  const counts = [system.payment, system.notification].map(async ({ url }) => {
    const shown = await (await fetch(`${url}/metrics`)).text();
    return Number(/^once_idempotency_duplicates_total\{door="step"\} (\d+)$/m.exec(shown)?.[1] ?? 0);
  });
  return (await Promise.all([...counts, lateReplies(system)])).reduce((sum, count) => sum + count, 0);
}

async function lateReplies({ databases }: SpawnedSystem): Promise<number> {
  const client = new Client({ connectionString: databases.order.url });
  await client.connect();
  const { rows } = await client.query<{ late: number }>(
    `select count(*)::int as late from saga_timeline where outcome in ('late', 'duplicate')`,
  );
  await client.end();
  return rows[0]?.late ?? 0;
}

function wireOf(system: WiredSystem, name: string): Wire {
  const wire = system.wires.find((candidate) => candidate.name === name);
  if (wire === undefined) throw new Error(`there is no wire ${name}`);
  return wire;
}
