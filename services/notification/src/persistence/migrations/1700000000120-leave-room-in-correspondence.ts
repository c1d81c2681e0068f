import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A row changes a few times within its first second. In a page with room for that, a change touches no index (HOT). */
export class LeaveRoomInCorrespondence1700000000120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table correspondence set (fillfactor = 50)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table correspondence reset (fillfactor)');
  }
}
