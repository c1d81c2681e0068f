import type { Socket } from 'node:net';
import type { Pool } from 'pg';
import { expect } from 'vitest';
import { eventually } from '@once/testing';
import {
  AtomicExecutor,
  classifyPostgresError,
  PostgresRecordReaper,
  readStoredResponse,
  type RequestAnswer,
} from '../src/index.js';
import { Deposits, findRecord, poolOf, SCOPE, whileOpen, type DepositsDatabase } from './deposits-database.js';
import type { Crash, System } from './deposits-model.js';

const OFTEN = { everyMs: 2, withinMs: 20_000 };

/** On a real database: what ends a replica is the end of its sessions, or of its sockets. */
export class PostgresSystem implements System {
  private replicas: readonly { readonly pool: Pool; readonly submit: Submit }[] = [];
  private started = 0;

  constructor(private readonly database: DepositsDatabase) {}

  async restart(): Promise<void> {
    await this.stop();
    this.replicas = [this.startReplica(5_000), this.startReplica(5_000)];
  }

  async stop(): Promise<void> {
    await Promise.all(this.replicas.map(({ pool }) => pool.end()));
    this.replicas = [];
  }

  submit(replica: number, key: string, amount: number): Promise<RequestAnswer> {
    const { submit } = this.replicas[replica] ?? this.startReplica(5_000);
    return submit(key, amount);
  }

  async submitAndCrash(key: string, amount: number, how: Crash): Promise<RequestAnswer | null> {
    const { name, pool, submit } = this.startReplica(0);
    const sockets: Socket[] = [];
    pool.on('connect', (client) =>
      sockets.push((client as unknown as { connection: { stream: Socket } }).connection.stream),
    );
    const sessions = 'select pid from pg_stat_activity where application_name = $1';
    let isOver = false;
    const answer = submit(key, amount, 'demo')
      .catch(() => null)
      .finally(() => (isOver = true));
    await whileOpen(
      this.database.pool,
      (other) => other.query('select from account for update'),
      async () => {
        await eventually(async () => {
          const { rows } = await this.database.pool.query(`${sessions} and wait_event_type = 'Lock'`, [name]);
          expect(isOver || rows.length === 1).toBe(true);
        }, OFTEN);
        if (how === 'deserted') for (const socket of sockets) socket.destroy();
        else await this.database.pool.query(`select pg_terminate_backend(pid) from (${sessions})`, [name]);
      },
    );
    const seen = await answer;
    await pool.end();
    const isGone = async () => expect((await this.database.pool.query(sessions, [name])).rows).toEqual([]);
    await eventually(isGone, OFTEN);
    return seen;
  }

  async bodyOf(key: string): Promise<string | null> {
    const record = await findRecord(this.database.pool, SCOPE, key);
    const outcome = record?.outcome ?? null;
    return outcome === null ? null : readStoredResponse(outcome).body;
  }

  async age(hours: number): Promise<void> {
    await this.database.pool.query(
      `update idempotency_record set created_at = created_at - make_interval(hours => $1),
                                     finished_at = finished_at - make_interval(hours => $1),
                                     keep_until = keep_until - make_interval(hours => $1)`,
      [hours],
    );
  }

  async reap(): Promise<void> {
    await new PostgresRecordReaper(this.database.pool, 100).runOnce();
  }

  depositsOf(key: string): Promise<number> {
    return this.database.depositsOf(key);
  }

  private startReplica(waitMs: number) {
    this.started += 1;
    const name = `replica-${this.started}`;
    const pool = poolOf(this.database.url, [`application_name=${name}`]);
    const options = { batchMax: 50, waitMs, classify: classifyPostgresError };
    const executor = new AtomicExecutor(new Deposits(pool, name), options);
    const submit: Submit = (key, amount, account) =>
      executor.submit({ key, amount, ...(account === undefined ? {} : { account }) });
    return { name, pool, submit };
  }
}

type Submit = (key: string, amount: number, account?: string) => Promise<RequestAnswer>;
