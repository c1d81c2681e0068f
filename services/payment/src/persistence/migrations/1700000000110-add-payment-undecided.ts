import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddPaymentUndecided1700000000110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table payment add column undecided text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table payment drop column undecided');
  }
}
