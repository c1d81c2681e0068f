import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOutboxMessage1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox_message (
        id               uuid        primary key,
        destination      text        not null,
        type             text        not null,
        version          int         not null,
        saga_id          text,
        causation_id     text,
        traceparent      text,
        payload          jsonb       not null,
        created_at       timestamptz not null default clock_timestamp(),

        -- no relay takes the row before next_attempt_at: it is leased, or waits for its backoff
        attempts         int         not null default 0,
        next_attempt_at  timestamptz not null default clock_timestamp(),
        last_error       text
      ) with (
        -- Rows live for milliseconds. Vacuuming after every few thousand of them keeps the table a few pages small,
        -- however few rows it holds when autovacuum looks.
        autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_threshold = -1
      )`);
    await runner.query('create index outbox_message_due on outbox_message (next_attempt_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table outbox_message');
  }
}
