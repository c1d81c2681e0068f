import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import {
  auditSystem,
  eventually,
  spawnService,
  spawnSystem,
  type SpawnedService,
  type SpawnedSystem,
  setFaults,
} from '@once/testing';
import { Client } from 'pg';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderApi, type OrderBody } from '../order-api.js';
import { PROOF_SETTINGS } from './proof-settings.js';

const AHEAD_H = 25;
const PATIENTLY = { withinMs: 60_000 };

/** No call is slow enough for its holder to give it up, so a lease that changes hands was taken. */
const SETTINGS = { ...PROOF_SETTINGS, IDEMPOTENCY_LEASE_MS: '10000', PROVIDER_TIMEOUT_MS: '4000' } as const;

/** Debian's package faketime. Timers go on as they are; only what a process takes for the time of day is another. */
function clockAhead(): Record<string, string> {
  const library = readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketime.so.1`)
    .find((file) => existsSync(file));
  if (library === undefined) throw new Error('libfaketime is missing: apt-get install faketime');
  return { LD_PRELOAD: library, FAKETIME: `+${AHEAD_H}h`, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

describe(`a replica of order and one of payment whose clocks are ${AHEAD_H} hours ahead`, () => {
  let system: SpawnedSystem;
  let ahead: { readonly order: SpawnedService; readonly payment: SpawnedService };
  let databases: { readonly order: Client; readonly payment: Client };

  beforeAll(async () => {
    system = await spawnSystem({ env: SETTINGS });
    const replicaOf = (name: 'order' | 'payment'): Promise<SpawnedService> =>
      spawnService({
        name,
        replica: 1,
        env: {
          ...SETTINGS,
          ...clockAhead(),
          AMQP_URL: system.broker.amqpUrl,
          DATABASE_URL: system.databases[name].url,
          PAYMENT_PROVIDER_URL: system.sandbox.url,
          LOG_LEVEL: 'warn',
        },
      });
    ahead = { order: await replicaOf('order'), payment: await replicaOf('payment') };
    databases = {
      order: new Client({ connectionString: system.databases.order.url }),
      payment: new Client({ connectionString: system.databases.payment.url }),
    };
    await Promise.all([databases.order.connect(), databases.payment.connect()]);
  }, 600_000);
  afterAll(async () => {
    await databases.order.end();
    await databases.payment.end();
  });

  const apiOf = (order: SpawnedService): OrderApi => new OrderApi({ ...system, order });
  const aged = (key: string, columns: readonly string[]) =>
    databases.order.query(
      `update idempotency_record
          set ${columns.map((column) => `${column} = ${column} - interval '25 hours'`).join(', ')}
        where key = $1`,
      [key],
    );
  const isKept = async (key: string): Promise<boolean> =>
    (await databases.order.query('select from idempotency_record where key = $1', [key])).rowCount === 1;
  const confirmed = (api: OrderApi, id: string): Promise<void> =>
    eventually(async () => {
      expect(await api.read(id)).toMatchObject({ status: 'confirmed' });
      expect((await api.ledgerOf(id)).map(({ kind }) => kind)).toEqual(['authorise', 'capture']);
    }, PATIENTLY);

  it('live a day later than the others, so that this proves something', async () => {
    for (const { url } of [ahead.order, ahead.payment]) {
      const { headers } = await supertest(url).get('/health/live');
      const hours = (Date.parse(String(headers['date'])) - Date.now()) / 3_600_000;
      expect(hours).toBeCloseTo(AHEAD_H, 1);
    }
  });

  it('repeat the answers that the others gave, and have theirs repeated', async () => {
    const [here, there] = [apiOf(system.order), apiOf(ahead.order)];
    for (const [first, second] of [
      [here, there],
      [there, here],
    ] as const) {
      const key = randomUUID();
      const [answer, repeat] = [await first.place({ key }), await second.place({ key })];
      expect([answer.status, repeat.status]).toEqual([202, 202]);
      expect(repeat.text).toBe(answer.text);
      expect(repeat.headers['idempotent-replayed']).toBe('true');
      await confirmed(second, (answer.body as OrderBody).id);
    }
  });

  it('alone forget nothing early, refuse what is past its retention, and give up no order', async () => {
    const api = apiOf(ahead.order);
    const [young, old, older] = [randomUUID(), randomUUID(), randomUUID()];
    const [first, second] = [await api.place({ key: young }), await api.place({ key: old })];
    await api.place({ key: older });
    await system.order.stop();

    await aged(older, ['created_at', 'finished_at', 'keep_until']);
    await eventually(async () => expect(await isKept(older), 'the reaper has passed').toBe(false), PATIENTLY);
    expect(await isKept(young)).toBe(true);
    expect((await api.place({ key: young })).text).toBe(first.text);

    await aged(old, ['created_at']);
    const purged = await api.place({ key: old });
    expect([purged.status, purged.headers['location']]).toEqual([410, second.headers['location']]);
    for (const { body } of [first, second]) await confirmed(api, (body as OrderBody).id);
    await system.order.start();
  });

  it('leave a lease to its holder, and leave none behind that outlives them', async () => {
    const api = apiOf(system.order);
    // A webhook would finish what the killed holder left, and nothing would have to be taken over.
    const rules = [
      { operation: 'payment_intents.confirm', fault: 'slow', delayMs: 800 },
      { operation: 'webhooks.deliver', fault: 'drop' },
    ];
    await setFaults(system, rules);
    const ids: string[] = [];
    const place = async (): Promise<string> => {
      const { id } = (await api.place()).body as OrderBody;
      ids.push(id);
      return id;
    };
    const holders = async (id: string) =>
      (
        await databases.payment.query<{ leased_by: string; lease_token: number }>(
          'select leased_by, lease_token::int from idempotency_record where subject = $1 and leased_by is not null',
          [id],
        )
      ).rows;

    for (let order = 0; order < 10; order += 1) await confirmed(api, await place());
    const held = (await Promise.all(ids.map(holders))).flat();
    expect(new Set(held.map((record) => record.leased_by))).toEqual(new Set(['payment-0', 'payment-1']));
    expect(new Set(held.map((record) => record.lease_token))).toEqual(new Set([1]));

    await system.payment.stop();
    const left = await place();
    await eventually(async () => expect(await holders(left)).toMatchObject([{ leased_by: 'payment-1' }]), PATIENTLY);
    await ahead.payment.kill();
    await system.payment.start();
    await confirmed(api, left);
    const rescued = (await holders(left)).filter((record) => record.lease_token > 1);
    expect(rescued.map((record) => record.leased_by)).toEqual(['payment-0']);
    await setFaults(system, []);
  });

  it('leave nothing that an audit would object to', async () => {
    await eventually(async () => expect((await auditSystem(system)).broken).toEqual({}), PATIENTLY);
  });
});
