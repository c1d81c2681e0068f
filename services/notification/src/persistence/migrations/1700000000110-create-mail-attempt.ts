import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The send ledger: a row before each send, and what the mail server said of it. A row without an outcome is a send that is
 * under way, or whose process died with the answer; like `unknown`, it may have arrived.
 */
export class CreateMailAttempt1700000000110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table mail_attempt (
        order_id    uuid        not null,
        template    text        not null,
        id          uuid        not null,
        outcome     text,
        started_at  timestamptz not null default clock_timestamp(),
        ended_at    timestamptz,

        constraint one_row_per_attempt primary key (order_id, template, id),
        constraint outcome_is_known check (outcome in ('sent', 'undeliverable', 'deferred', 'unknown')),
        constraint ended_with_an_outcome check ((outcome is null) = (ended_at is null))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table mail_attempt');
  }
}
