import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOrder1700000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table customer_order (
        id                   uuid        not null,
        account              text        not null,
        idempotency_key      text        not null,
        status               text        not null,
        reason               text,
        items                jsonb       not null,
        amount               bigint      not null,
        currency             text        not null,
        email                text        not null,
        payment_method       text        not null,
        stock                text        not null,
        payment              jsonb,
        created_at           timestamptz not null,
        updated_at           timestamptz not null default clock_timestamp(),
        cancel_requested_at  timestamptz,

        constraint customer_order_pkey primary key (id),
        -- outlives the idempotency record: a purged key still never makes a second order
        constraint one_order_per_account_and_key unique (idempotency_key, account),
        constraint status_is_known check (status in ('pending', 'confirmed', 'cancelled', 'parked')),
        constraint cancelled_has_a_reason check ((status = 'cancelled') <= (reason is not null)),
        constraint stock_state_is_known check (stock in ('none', 'reserved', 'sold', 'returned')),
        constraint amount_is_not_negative check (amount >= 0)
      )`);
    await runner.query(`create index customer_order_by_account on customer_order (account, id desc)`);
    await runner.query(`
      create table stock_item (
        sku          text   not null,
        unit_amount  bigint not null,
        currency     text   not null,
        available    bigint not null,
        reserved     bigint not null default 0,
        sold         bigint not null default 0,
        version      bigint not null default 1,

        constraint stock_item_pkey primary key (sku),
        -- decides the race for the last unit: the statement that would oversell rolls back
        constraint stock_is_never_negative check (available >= 0 and reserved >= 0 and sold >= 0)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table stock_item');
    await runner.query('drop table customer_order');
  }
}
