import { DataSource, MigrationExecutor } from 'typeorm';
import { dataSourceOptions, type DatabaseOptions } from './data-source-options.js';
import { migrationLimits } from './session-limits.js';

/**
 * Brings the schema up to date; replicas may start together. One takes the lock and migrates, the others wait for it and
 * then find nothing to do. Running it twice changes nothing.
 *
 * Lock and migrations share ONE session, on a pool of one: when that connection is lost, the lock and the open migration end
 * in the same moment, so no second replica can ever migrate beside a first one that only lost its lock.
 *
 * Each migration commits by itself, with its own record: a process killed half-way is continued by the next one.
 */
export async function migrate(options: DatabaseOptions): Promise<string[]> {
  const { url, applicationName, migrations } = options;
  const connection = { url, applicationName, migrations, entities: [], poolSize: 1, limits: migrationLimits };
  const dataSource = await new DataSource(dataSourceOptions(connection)).initialize();
  try {
    return await migrateUnderLock(dataSource);
  } finally {
    // Ends the session and with it the lock; an explicit unlock could only be forgotten.
    await dataSource.destroy();
  }
}

async function migrateUnderLock(dataSource: DataSource): Promise<string[]> {
  const session = dataSource.createQueryRunner();
  try {
    await session.query(`select pg_advisory_lock(hashtextextended('once:migrations', 0))`);
    const executor = new MigrationExecutor(dataSource, session);
    executor.transaction = 'each';
    const executed = await executor.executePendingMigrations();
    return executed.map((migration) => migration.name);
  } finally {
    await session.release();
  }
}
