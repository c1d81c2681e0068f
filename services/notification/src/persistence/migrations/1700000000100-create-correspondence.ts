import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCorrespondence1700000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table correspondence (
        order_id      uuid        not null,
        confirmation  jsonb,
        cancellation  jsonb,
        version       int         not null default 1,
        created_at    timestamptz not null default clock_timestamp(),
        updated_at    timestamptz not null default clock_timestamp(),

        constraint one_correspondence_per_order primary key (order_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table correspondence');
  }
}
