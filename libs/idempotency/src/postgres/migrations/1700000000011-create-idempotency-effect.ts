import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Only for who uses the effect door. */
export class CreateIdempotencyEffect1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table idempotency_effect (
        scope          text        not null,
        key            text        not null,

        -- what is sent, the same bytes in every try
        request        text        not null,

        -- counted before each send
        sends          int         not null default 0,
        first_sent_at  timestamptz,

        constraint one_effect_per_operation primary key (scope, key),
        constraint effect_has_a_record foreign key (scope, key) references idempotency_record on delete cascade,
        constraint sent_once_first_sent check ((sends = 0) = (first_sent_at is null))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_effect');
  }
}
