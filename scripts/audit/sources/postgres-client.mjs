import { UnjudgeableError } from '../unjudgeable.mjs';

/** A server that does not answer within this is away. */
const CONNECT_WITHIN_MS = 5_000;

/** No reading of ours takes that long; a server that is overloaded makes the audit invalid, not endless. */
const STATEMENT_WITHIN_MS = 120_000;

/** By this the audit knows its own sessions, and leaves them out of what it reports. */
export const APPLICATION = 'once-audit';

/** @param {string} name what the database is called towards the operator */
export const connect = async (name, url) => {
  const { default: pg } = await loadDriver();
  const client = new pg.Client({
    connectionString: url,
    application_name: APPLICATION,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    statement_timeout: STATEMENT_WITHIN_MS,
    types: { getTypeParser: (type, format) => (isWhole(pg, type) ? Number : pg.types.getTypeParser(type, format)) },
  });
  // A connection that breaks later fails the query that uses it; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new UnjudgeableError(`The ${name} at ${withoutPassword(url)} cannot be read: ${error.message}.`, {
      cause: error,
    });
  }
  return client;
};

/** Counts and sums of minor units stay far below what a JavaScript number holds exactly. */
const isWhole = ({ types: { builtins } }, type) => type === builtins.INT8 || type === builtins.NUMERIC;

const loadDriver = async () => {
  try {
    return await import('pg');
  } catch (error) {
    throw new UnjudgeableError('The Postgres driver is missing; run npm ci once.', { cause: error });
  }
};

const withoutPassword = (address) => {
  const url = new URL(address);
  url.password = '';
  return url.href;
};
