import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateReconciliation1700000000120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table reconciliation_run (
        slot        bigint      not null,
        started_at  timestamptz not null default clock_timestamp(),

        constraint one_run_per_slot primary key (slot)
      );
      create table reconciliation_drift (
        kind       text        not null,
        intent_id  text        not null,
        order_id   text,
        ours       text        not null,
        theirs     text        not null,
        at_stake   bigint      not null,
        currency   text        not null,
        created_at timestamptz not null,
        found_at   timestamptz not null default clock_timestamp(),
        seen_at    timestamptz not null default clock_timestamp(),
        healed_at  timestamptz,

        constraint one_drift_per_kind_and_intent primary key (kind, intent_id),
        constraint drift_is_classified check (kind in ('missing', 'orphan', 'amount', 'state'))
      );
      create index reconciliation_drift_open on reconciliation_drift (found_at) where healed_at is null;
      create index payment_created_at on payment (created_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table reconciliation_drift; drop table reconciliation_run; drop index payment_created_at');
  }
}
