import type { DataSource } from 'typeorm';
import type { HealthIndicator } from './health-registry.js';

/** Up when the database answers and has every migration of this process; openDatabase has run them before. */
export function databaseIndicator(dataSource: DataSource): HealthIndicator {
  return {
    name: 'database',
    decidesReadiness: true,
    check: async () => {
      const rows: unknown = await dataSource.query('select name from migration');
      const applied = new Set(Array.isArray(rows) ? rows.map((row: { name: unknown }) => row.name) : []);
      const missing = dataSource.migrations
        .map((migration) => migration.name ?? migration.constructor.name)
        .filter((name) => !applied.has(name));
      return missing.length === 0 ? { isUp: true } : { isUp: false, detail: { missingMigrations: missing } };
    },
  };
}
