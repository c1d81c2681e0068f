import { setTimeout as pause } from 'node:timers/promises';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';

const ORDERS = 400;
/** Each key is asked for this often again, since a repeat costs next to nothing. */
const REPEATS = 5;
const AT_ONCE = 50;
const IDLE_MS = 5_000;

/** The figures are for people; the README of the library quotes them. */
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** What the three services spend, by their own clocks of CPU time, less what they spend on nothing. */
describe(`the cost of ${ORDERS} orders and of ${REPEATS} repeats of each`, () => {
  let system: SpawnedSystem;
  let idleShare: number;

  beforeAll(async () => {
    system = await spawnSystem();
    await placeAll('warm-up', ORDERS);
    await settled(ORDERS);
    for (let repeat = 0; repeat < REPEATS; repeat += 1) await placeAll('warm-up', ORDERS);
    idleShare = await cpuMs(() => pause(IDLE_MS), 0);
    idleShare /= IDLE_MS;
  }, 600_000);

  it('is a tenth at most for a repeat, of what its first request costs until its order is paid', async () => {
    const first = await cpuMs(async () => {
      await placeAll('measured', ORDERS);
      await settled(2 * ORDERS);
    }, idleShare);
    const repeats = await cpuMs(async () => {
      for (let repeat = 0; repeat < REPEATS; repeat += 1) await placeAll('measured', ORDERS);
    }, idleShare);

    const [perFirst, perRepeat] = [first / ORDERS, repeats / ORDERS / REPEATS];
    print(`CPU of order, payment and notification: ${perFirst.toFixed(2)} ms per order`);
    print(`and ${perRepeat.toFixed(2)} ms per repeat, a share of ${(perRepeat / perFirst).toFixed(3)}`);
    expect(perRepeat / perFirst).toBeLessThanOrEqual(0.1);
  });

  it('is a record of less than 2 KB for each operation, with its indexes', async () => {
    for (const name of ['order', 'payment', 'notification'] as const) {
      const database = new Client({ connectionString: system.databases[name].url });
      await database.connect();
      const { rows } = await database.query<{ bytes: number; records: number }>(
        `select pg_total_relation_size('idempotency_record')::int as bytes, count(*)::int as records
           from idempotency_record`,
      );
      await database.end();
      const { bytes = 0, records = 0 } = rows[0] ?? {};
      const perOrder = records / ORDERS / 2;
      print(`${name}: ${Math.round(bytes / records)} bytes per record, ${perOrder.toFixed(1)} records per order`);
      expect(bytes / records).toBeLessThan(2_048);
    }
  });

  async function placeAll(name: string, count: number): Promise<void> {
    const keys = Array.from({ length: count }, (_, index) => `${name}-${index}`);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
          const response = await fetch(`${system.order.url}/orders`, {
            method: 'POST',
            headers: { authorization: 'Bearer sk_demo', 'content-type': 'application/json', 'idempotency-key': key },
            body: JSON.stringify({
              customer: { email: 'ada@example.com' },
              items: [{ sku: 'mug', quantity: 1 }],
              payment: { method: 'pm_card_visa' },
            }),
          });
          await response.arrayBuffer();
          expect(response.status).toBe(202);
        }
      }),
    );
  }

  /** Every order has its mail, the last thing that is done for it. */
  async function settled(count: number): Promise<void> {
    const database = new Client({ connectionString: system.databases.notification.url });
    await database.connect();
    await eventually(
      async () => {
        const sent = await database.query(`select from correspondence where confirmation->>'status' = 'sent'`);
        expect(sent.rowCount).toBe(count);
      },
      { withinMs: 240_000, everyMs: 500 },
    );
    await database.end();
  }

  async function cpuMs(work: () => Promise<void>, idle: number): Promise<number> {
    const [before, startedAt] = [await cpuSeconds(), performance.now()];
    await work();
    const [spent, elapsedMs] = [(await cpuSeconds()) - before, performance.now() - startedAt];
    return spent * 1_000 - idle * elapsedMs;
  }

  async function cpuSeconds(): Promise<number> {
    const services = [system.order, system.payment, system.notification];
    const spent = await Promise.all(
      services.map(async ({ url }) => {
        const metrics = await (await fetch(`${url}/metrics`)).text();
        return Number(/^process_cpu_seconds_total(?:{[^}]*})? (\S+)/m.exec(metrics)?.[1]);
      }),
    );
    return spent.reduce((sum, seconds) => sum + seconds, 0);
  }
});
