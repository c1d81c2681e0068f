import type { QueryRunner } from 'typeorm';
import { eventually } from '@once/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  classifyPostgresError,
  CreateIdempotencyEffect1700000000011,
  EFFECT_SCOPE,
  EffectDoor,
  PostgresEffectStore,
  PostgresRecordReaper,
  type Operation,
  type Resolution,
} from '../src/index.js';
import { depositsDatabase, findRecord, type DepositsDatabase } from './deposits-database.js';
import { Outside } from './outside.js';

const HOUR_MS = 3_600_000;
const operation: Operation = { key: 'mail-1', subject: 'order-1', request: '{"to": "ada@example.org"}' };

describe('the effect door', () => {
  let database: DepositsDatabase;
  let doors: EffectDoor[];

  beforeAll(async () => {
    database = await depositsDatabase();
    await new CreateIdempotencyEffect1700000000011().up(database.pool as unknown as QueryRunner);
  });
  beforeEach(async () => {
    await database.pool.query('truncate idempotency_record, idempotency_effect');
    doors = [];
  });
  afterEach(async () => {
    for (const door of doors) void door.stop();
  });
  afterAll(async () => {
    await database.close();
  });

  const doorTo = (outside: Outside, store = new PostgresEffectStore(database.pool)): EffectDoor => {
    const door = new EffectDoor(store, outside, {
      batchMax: 50,
      waitMs: 1_000,
      classify: classifyPostgresError,
      holder: `replica-${doors.length}`,
      leaseMs: HOUR_MS,
      concurrencyMax: 10,
      backoffMsMax: HOUR_MS,
      onError: () => {},
    });
    doors.push(door);
    return door;
  };
  const recordNow = () => findRecord(database.pool, EFFECT_SCOPE, operation.key);
  const sendsNow = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ sends: number }>('select sends from idempotency_effect');
    return rows[0]?.sends ?? -1;
  };
  const untilOutcome = (outcome: object): Promise<void> =>
    eventually(async () => expect(await recordNow()).toMatchObject({ recoveryPoint: 'finished', outcome }));
  /** Ends the lease, whoever has it, and lets a rescuer look once. */
  const rescue = async (door: EffectDoor): Promise<void> => {
    await eventually(async () => {
      await database.pool.query(`update idempotency_record set lease_expires_at = clock_timestamp() - interval '1 s'`);
      expect(await door.runOnce()).toEqual({ takenOver: 1 });
    });
  };
  /** Leaves a record as a crash leaves it, at a recovery point. */
  const leftAt = async (recoveryPoint: 'intended' | 'sent', sends: number): Promise<void> => {
    const silent = new Outside({ kind: 'blind', sends: 'at-least-once' });
    silent.behaviour = 'is-silent';
    await doorTo(silent).submit(operation);
    await eventually(async () => expect(await sendsNow()).toBe(1));
    await database.pool.query(`update idempotency_record set recovery_point = $1`, [recoveryPoint]);
    await database.pool.query(
      `update idempotency_effect set sends = $1, first_sent_at = case when $1 > 0 then first_sent_at end`,
      [sends],
    );
  };

  const atMostOnce: Resolution = { kind: 'blind', sends: 'at-most-once' };
  const answered = { kind: 'answered', answer: { number: 1 } };

  it('sends nothing that is not written down, and writes down that it sends before it does', async () => {
    const outside = new Outside(atMostOnce);
    const seen: unknown[] = [];
    outside.onArrival = async () => {
      const { rows } = await database.pool.query(
        'select request, sends, recovery_point from idempotency_effect join idempotency_record using (scope, key)',
      );
      seen.push(...rows);
    };
    expect(await doorTo(outside).submit(operation)).toEqual({ kind: 'begun' });
    await untilOutcome(answered);
    expect(seen).toEqual([{ request: operation.request, sends: 1, recovery_point: 'sent' }]);
    expect(outside.sent).toEqual([operation]);
  });

  it('keeps an answer that comes while the database is away, and tells it as soon as it is back', async () => {
    const store = new PostgresEffectStore(database.pool);
    const away = new Error('Connection terminated unexpectedly');
    const told = vi.spyOn(store, 'complete').mockRejectedValueOnce(away).mockRejectedValueOnce(away);
    const outside = new Outside(atMostOnce);
    await doorTo(outside, store).submit(operation);
    await untilOutcome(answered);
    expect(told).toHaveBeenCalledTimes(3);
    expect(outside.sent).toHaveLength(1);
  });

  it('gives the outcome to whoever asks again, and sends nothing', async () => {
    const outside = new Outside(atMostOnce);
    await doorTo(outside).submit(operation);
    await untilOutcome(answered);
    expect(await doorTo(outside).submit(operation)).toEqual({ kind: 'finished', outcome: answered });
    expect(outside.sent).toHaveLength(1);
  });

  it('sends once for 50 who ask at the same time on two replicas', async () => {
    const outside = new Outside(atMostOnce);
    const replicas = [doorTo(outside), doorTo(outside)];
    await Promise.all(Array.from({ length: 25 }, () => replicas.map((door) => door.submit(operation))).flat());
    await untilOutcome(answered);
    expect(outside.sent).toHaveLength(1);
  });

  it('refuses another request under the same key', async () => {
    const outside = new Outside(atMostOnce);
    await doorTo(outside).submit(operation);
    expect(await doorTo(outside).submit({ ...operation, request: '{}' })).toEqual({ kind: 'mismatched' });
    await untilOutcome(answered);
    expect(outside.sent).toEqual([operation]);
  });

  it('sends after a crash that came before the send', async () => {
    await leftAt('intended', 0);
    const outside = new Outside(atMostOnce);
    await rescue(doorTo(outside));
    await untilOutcome(answered);
    expect(outside.sent).toEqual([operation]);
  });

  it('lets nobody count a send who has lost the lease, nor twice the same', async () => {
    await leftAt('intended', 0);
    const store = new PostgresEffectStore(database.pool);
    const stale = { scope: EFFECT_SCOPE, key: operation.key, subject: 'order-1', token: 1 };
    await database.pool.query(`update idempotency_record set lease_expires_at = clock_timestamp() - interval '1 s'`);
    const [current] = await store.takeOver('other', HOUR_MS, 1);
    expect(current?.token).toBe(2);
    expect(await store.countSend(stale, 0)).toBe(false);
    const both = [store.countSend({ ...stale, token: 2 }, 0), store.countSend({ ...stale, token: 2 }, 0)];
    expect((await Promise.all(both)).filter(Boolean)).toEqual([true]);
    expect(await sendsNow()).toBe(1);
  });

  it('forgets what was sent together with its record, and not before', async () => {
    await doorTo(new Outside(atMostOnce)).submit(operation);
    await untilOutcome(answered);
    expect(await new PostgresRecordReaper(database.pool, 10).runOnce()).toEqual({ deleted: 0 });
    await database.pool.query(`update idempotency_record set keep_until = clock_timestamp() - interval '1 s'`);
    expect(await new PostgresRecordReaper(database.pool, 10).runOnce()).toEqual({ deleted: 1 });
    expect(await sendsNow()).toBe(-1);
  });

  describe('to a blind sink, at most once', () => {
    it.each(['applies-and-loses-the-answer', 'loses-the-request'] as const)(
      'records as unknown what %s, and never sends it again',
      async (behaviour) => {
        const outside = new Outside(atMostOnce);
        outside.behaviour = behaviour;
        const door = doorTo(outside);
        await door.submit(operation);
        await eventually(async () => expect(await sendsNow()).toBe(1));
        outside.behaviour = 'answers';
        const arrived = outside.sent.length;
        await rescue(door);
        await untilOutcome({ kind: 'unknown' });
        expect(await door.submit(operation)).toEqual({ kind: 'finished', outcome: { kind: 'unknown' } });
        expect(outside.sent).toHaveLength(arrived);
      },
    );

    it('records as unknown what a crash left between the count and the answer', async () => {
      await leftAt('sent', 1);
      const outside = new Outside(atMostOnce);
      await rescue(doorTo(outside));
      await untilOutcome({ kind: 'unknown' });
      expect(outside.sent).toEqual([]);
    });
  });

  it('sends to a blind sink again, the same bytes under the same key, where at least once was chosen', async () => {
    await leftAt('sent', 1);
    const outside = new Outside({ kind: 'blind', sends: 'at-least-once' });
    await rescue(doorTo(outside));
    await untilOutcome(answered);
    expect(outside.sent).toEqual([operation]);
    expect(await sendsNow()).toBe(2);
  });

  describe('to a keyed sink', () => {
    const keyed = (found: object | null = null): Resolution => ({
      kind: 'keyed',
      keyLifeMs: 24 * HOUR_MS,
      marginMs: HOUR_MS,
      lookUp: () => Promise.resolve(found),
    });

    it('sends the same bytes under the same key after a lost answer, and gets the first answer', async () => {
      const outside = new Outside(keyed());
      outside.behaviour = 'applies-and-loses-the-answer';
      const door = doorTo(outside);
      await door.submit(operation);
      await eventually(() => expect(outside.sent).toHaveLength(1));
      outside.behaviour = 'answers';
      await rescue(door);
      await untilOutcome(answered);
      expect(outside.sent).toEqual([operation, operation]);
    });

    it('looks up instead, once the sink may have forgotten the key', async () => {
      await leftAt('sent', 1);
      await database.pool.query(`update idempotency_effect set first_sent_at = first_sent_at - interval '23 hours'`);
      const outside = new Outside(keyed({ number: 7 }));
      await rescue(doorTo(outside));
      await untilOutcome({ kind: 'answered', answer: { number: 7 } });
      expect(outside.sent).toEqual([]);
    });

    it('parks what is not found then, since that proves nothing, and resumes when it is found', async () => {
      await leftAt('sent', 1);
      await database.pool.query(`update idempotency_effect set first_sent_at = first_sent_at - interval '23 hours'`);
      const forgetful = new Outside(keyed());
      await rescue(doorTo(forgetful));
      await eventually(async () => expect(await recordNow()).toMatchObject({ recoveryPoint: 'parked', outcome: null }));
      const found = new Outside(keyed({ number: 7 }));
      await rescue(doorTo(found));
      await untilOutcome({ kind: 'answered', answer: { number: 7 } });
      expect([...forgetful.sent, ...found.sent]).toEqual([]);
    });
  });

  describe('to an addressed sink', () => {
    const addressed = (reading: object | 'unchanged' | null): Resolution => ({
      kind: 'addressed',
      read: () => Promise.resolve(reading),
    });

    it.each([
      ['sends again when the object is unchanged', 'unchanged' as const, 1, answered],
      [
        'takes the answer from the object when it has changed',
        { number: 9 },
        0,
        { kind: 'answered', answer: { number: 9 } },
      ],
    ])('%s', async (_what, reading, sends, outcome) => {
      await leftAt('sent', 1);
      const outside = new Outside(addressed(reading));
      await rescue(doorTo(outside));
      await untilOutcome(outcome);
      expect(outside.sent).toHaveLength(sends);
    });

    it('concludes nothing from an object that cannot be read', async () => {
      await leftAt('sent', 1);
      const outside = new Outside(addressed(null));
      await rescue(doorTo(outside));
      await rescue(doorTo(outside));
      expect(await recordNow()).toMatchObject({ recoveryPoint: 'sent', outcome: null });
      expect(outside.sent).toEqual([]);
    });
  });
});
