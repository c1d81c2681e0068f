import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A row changes a few times within its first second. In a page with room for that, a change touches no index (HOT). */
export class LeaveRoomInPayment1700000000130 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table payment set (fillfactor = 50)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table payment reset (fillfactor)');
  }
}
