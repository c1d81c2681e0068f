import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Neither migration can run twice or beside itself: that is what the tests of the lock need. */
export class CreateMug1700000000000 implements MigrationInterface {
  async up(session: QueryRunner): Promise<void> {
    await session.query(
      `create table mug (id bigint generated always as identity primary key, colour text not null unique)`,
    );
    // Long enough that replicas started together meet it in the middle.
    await session.query(`select pg_sleep(0.02)`);
    await session.query(`create type glaze as enum ('matt', 'gloss')`);
  }

  async down(): Promise<void> {}
}

export class AddGlaze1700000000001 implements MigrationInterface {
  async up(session: QueryRunner): Promise<void> {
    await session.query(`alter table mug add column glaze glaze not null default 'matt'`);
  }

  async down(): Promise<void> {}
}

export class AddBrokenColumn1700000000002 implements MigrationInterface {
  async up(session: QueryRunner): Promise<void> {
    await session.query(`alter table mug add column weight numeric`);
    await session.query(`alter table cup add column weight numeric`);
  }

  async down(): Promise<void> {}
}

/** The first time it runs, the server ends its session after the table exists and before anything is committed. */
export class EndOwnSession1700000000003 implements MigrationInterface {
  static endings = 0;

  async up(session: QueryRunner): Promise<void> {
    await session.query('create table saucer (id bigint primary key)');
    if (EndOwnSession1700000000003.endings > 0) return;
    EndOwnSession1700000000003.endings += 1;
    await session.query('select pg_terminate_backend(pg_backend_pid())');
  }

  async down(): Promise<void> {}
}
