import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIdempotencyRecord1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table idempotency_record (
        scope             text        not null,
        key               text        not null,
        fingerprint       text        not null,
        subject           text        not null,

        -- how far the operation has come, and who is working on it
        recovery_point    text        not null,
        lease_token       bigint      not null default 0,
        leased_by         text,
        lease_expires_at  timestamptz,

        -- what became of it
        outcome           jsonb,
        created_at        timestamptz not null default clock_timestamp(),
        finished_at       timestamptz,

        -- how long it is kept once it is finished, as promised when it was made; null: as long as the row it is about
        retention_ms      bigint,
        keep_until        timestamptz,

        constraint one_record_per_operation primary key (scope, key),
        constraint finished_or_without_outcome
          check ((outcome is null) = (finished_at is null) and (outcome is null) = (recovery_point <> 'finished')),
        constraint unfinished_work_has_a_lease check (outcome is not null or lease_expires_at is not null),
        constraint only_finished_work_may_end check (keep_until is null or outcome is not null)
      )`);
    // What a rescuer looks for: only unfinished work has a lease, so the index stays as small as the work in flight. Its
    // condition names the lease and not the outcome, because a statement that finds records by key and asks that they
    // be unfinished must not be planned through it: it would read all the work in flight for every member.
    await runner.query(`
      create index idempotency_record_leased on idempotency_record (scope, lease_expires_at)
       where lease_expires_at is not null`);
    // What the reaper looks for.
    await runner.query(`
      create index idempotency_record_to_reap on idempotency_record (keep_until) where keep_until is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_record');
  }
}
