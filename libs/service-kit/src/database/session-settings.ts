import type { ClientBase } from 'pg';
import { watchCommits } from './commit-watch.js';
import type { SessionLimits } from './session-limits.js';

/**
 * Prepares a new connection in ONE round trip, before its first statement.
 *
 * A setting that this server does not know is left out (transaction_timeout came with Postgres 17).
 */
export async function prepareConnection(client: ClientBase, limits: SessionLimits): Promise<void> {
  watchCommits(client);
  // A connection that is lost while a statement holds it says so twice: to the statement, which reports it, and in an event
  // that would end the process if nobody listened. The pool listens only while the connection is idle.
  client.on('error', () => undefined);
  const settings = { ...limits, ...PLANNING };
  await client.query(
    `select set_config(wanted.key, wanted.value, false)
       from jsonb_each_text($1::jsonb) as wanted
      where current_setting(wanted.key, true) is not null`,
    [JSON.stringify(settings)],
  );
}

/**
 * How our statements are planned. Each takes a whole batch as one jsonb parameter and finds its rows by key, so a plan made
 * for one batch is as good as for another, and only a loop of index look-ups is ever right. Left to itself the planner
 * guesses a hundred members per batch and, while tables are small, reads them whole; such a plan is kept when they have
 * grown. Hence pages cost nothing and every row costs: of two plans, the one that touches fewer rows wins, however small
 * the tables still are. Compiling a statement takes longer than running it.
 */
const PLANNING = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  random_page_cost: '0',
  cpu_tuple_cost: '1',
  jit: 'off',
} as const;
