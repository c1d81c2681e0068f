import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateFailedDelivery1700000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table failed_delivery (
        id                uuid        primary key default gen_random_uuid(),
        queue             text        not null,

        -- the message: original bytes, and what could be read of them
        body              bytea       not null,
        body_digest       bytea       not null generated always as (sha256(body)) stored,
        properties        json        not null,
        message_id        text,
        type              text,
        saga_id           text,

        -- the last failure
        reason            text        not null,
        stack             text,
        attempts          int         not null,
        first_failed_at   timestamptz not null default clock_timestamp(),
        last_failed_at    timestamptz not null default clock_timestamp(),

        -- a retry is not taken before next_attempt_at: it is leased, or waits for its backoff
        next_attempt_at   timestamptz,
        dead_lettered_at  timestamptz,
        redriven_at       timestamptz,
        discarded_at      timestamptz,
        discard_note      text,

        constraint one_row_per_message unique (queue, body_digest),
        constraint waits_or_is_dead check (num_nonnulls(next_attempt_at, dead_lettered_at) = 1),
        constraint only_dead_letters_are_discarded check (discarded_at is null or dead_lettered_at is not null),
        constraint discarded_with_a_note check ((discarded_at is null) = (discard_note is null))
      )`);
    await runner.query(`
      create index failed_delivery_due on failed_delivery (queue, next_attempt_at) where next_attempt_at is not null`);
    await runner.query(`
      create index failed_delivery_dead on failed_delivery (dead_lettered_at, id)
       where dead_lettered_at is not null and discarded_at is null`);
    // Attempts of redelivered messages, counted before they are made. A row lives until its message is handled.
    await runner.query(`
      create table delivery_attempt (
        queue       text        not null,
        message_id  uuid        not null,
        attempts    int         not null,
        counted_at  timestamptz not null default clock_timestamp(),
        primary key (queue, message_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table delivery_attempt');
    await runner.query('drop table failed_delivery');
  }
}
