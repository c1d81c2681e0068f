import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A row changes a few times within its first second. In a page with room for that, a change touches no index (HOT). */
export class LeaveRoomInCustomerOrder1700000000110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table customer_order set (fillfactor = 50)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table customer_order reset (fillfactor)');
  }
}
