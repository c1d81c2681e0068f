import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreatePayment1700000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table payment (
        order_id         uuid        not null,
        goal             text        not null,
        reason           text,

        -- what to collect; a tombstone never learns it
        amount           bigint,
        currency         text,
        method           text,

        -- what the provider was observed to have
        intent_id        text,
        intent_status    text,
        captured_amount  bigint      not null default 0,
        refunded_amount  bigint      not null default 0,
        generation       int         not null default 1,

        requests         jsonb       not null,
        version          int         not null default 1,
        created_at       timestamptz not null default clock_timestamp(),
        updated_at       timestamptz not null default clock_timestamp(),

        constraint one_payment_per_order primary key (order_id),
        constraint one_payment_per_intent unique (intent_id),
        constraint goal_is_collect_or_return check (goal in ('collect', 'return')),
        constraint charge_is_whole_or_absent
          check (num_nulls(amount, currency, method) in (0, 3) and (amount is null or amount > 0)),
        constraint refunds_never_exceed_the_capture
          check (refunded_amount >= 0 and refunded_amount <= captured_amount),
        -- another amount can be taken by the provider's mistake only, and is on its way back
        constraint captured_is_the_amount_or_is_returned
          check (amount is null or captured_amount in (0, amount) or goal = 'return')
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table payment');
  }
}
