import { Logger, type Type } from '@nestjs/common';
import type { ClientBase } from 'pg';
import type { DataSourceOptions, MigrationInterface } from 'typeorm';
import type { SessionLimits } from './session-limits.js';
import { DatabaseLogger } from './database-logger.js';
import { prepareConnection } from './session-settings.js';

export interface DatabaseOptions {
  readonly url: string;
  /** Shown by the server beside each session: service and replica. */
  readonly applicationName: string;
  readonly migrations: readonly Type<MigrationInterface>[];
  readonly entities: readonly Type[];
  readonly poolSize: number;
  readonly leaseMs: number;
}

/** Five seconds: a server that takes longer to accept a connection, or a pool to free one, is not reachable for a request. */
const CONNECT_MAX_MS = 5_000;

/** A minute without work: reconnecting costs four round trips, keeping a session costs the server a few megabytes. */
const IDLE_MAX_MS = 60_000;

/** The system's own standard is two hours, in which a pool would keep connections to a host that is gone. */
const KEEP_ALIVE_AFTER_MS = 10_000;

export interface ConnectionOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly migrations: readonly Type<MigrationInterface>[];
  readonly entities: readonly Type[];
  readonly poolSize: number;
  readonly limits: SessionLimits;
}

/** Never synchronises and never migrates by itself: see migrate.ts. */
export function dataSourceOptions(options: ConnectionOptions): DataSourceOptions {
  const log = new Logger('Database');
  return {
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName,
    entities: [...options.entities],
    migrations: [...options.migrations],
    migrationsTableName: 'migration',
    migrationsRun: false,
    synchronize: false,
    installExtensions: false,
    logger: new DatabaseLogger(),
    poolSize: options.poolSize,
    connectTimeoutMS: CONNECT_MAX_MS,
    // The pool replaces a connection that was lost while idle; nobody was waiting for it.
    poolErrorHandler: (error: unknown) => log.warn(`an idle connection was lost: ${String(error)}`),
    extra: {
      idleTimeoutMillis: IDLE_MAX_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      // Reached only when the server cannot answer at all: its own statement_timeout is a quarter shorter.
      query_timeout: Math.ceil(options.limits.statement_timeout * 1.25),
      onConnect: (client: ClientBase) => prepareConnection(client, options.limits),
    },
  };
}
