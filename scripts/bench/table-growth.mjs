/** How the tables that are cleaned up fare: rows that wait to be deleted, bytes on disk, and what vacuumed and flushed them. */
import { asking } from './database.mjs';

/**
 * Records with an end are the reaper's; those of saga steps have none, they are kept with the payment or the mail they made, and
 * grow with them by design.
 */
const TABLES = `
  select 'idempotency_record' as table,
         (select count(*) from idempotency_record where keep_until is not null)::int as rows,
         (select count(*) from idempotency_record where keep_until is null)::int as "keptRows",
         pg_total_relation_size('idempotency_record')::float8 as bytes
   union all
  select 'outbox_message', (select count(*) from outbox_message)::int, 0, pg_total_relation_size('outbox_message')::float8`;

const ACTIVITY = `
  select (select sum(autovacuum_count) from pg_stat_user_tables)::int as autovacuums,
         (select num_timed + num_requested from pg_stat_checkpointer)::int as checkpoints`;

/** @param {Record<string, string>} databases addresses by service */
export const readTables = async (databases) => {
  const services = Object.entries(databases).filter(([name]) => name !== 'server');
  const read = await Promise.all(
    services.map(([service, url]) =>
      asking(url, async (ask) => {
        const tables = await ask(TABLES);
        const [activity] = await ask(ACTIVITY);
        return { tables: tables.map((row) => ({ service, ...row })), ...activity };
      }),
    ),
  );
  return {
    tables: read.flatMap(({ tables }) => tables),
    autovacuums: read.reduce((sum, { autovacuums }) => sum + autovacuums, 0),
    checkpoints: Math.max(...read.map(({ checkpoints }) => checkpoints)),
  };
};
