import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { dataSourceOptions, type DatabaseOptions } from './data-source-options.js';
import { migrate } from './migrate.js';
import { retryWhileUnreachable } from './retry-while-unreachable.js';
import { limitsUnderLease } from './session-limits.js';

/** Waits for the server, migrates under the lock, and opens the pool whose sessions the server ends below half the lease. */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  const log = new Logger('Database');
  const open = async (): Promise<DataSource> => {
    const executed = await migrate(options);
    for (const name of executed) log.log({ message: 'migrated', migration: name });
    return new DataSource(dataSourceOptions({ ...options, limits: limitsUnderLease(options.leaseMs) })).initialize();
  };
  return retryWhileUnreachable(open, (error, attempt) =>
    log.warn({ message: 'the database cannot be reached yet', attempt, error: String(error) }),
  );
}
