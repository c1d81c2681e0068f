import { LaunchError } from '../lib/errors.mjs';

/** Creates a database for each service on a server, where it is missing, and returns their addresses by service. */
export const createDatabases = async (serverUrl, services) => {
  const { default: pg } = await import('pg'); // only after npm ci
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    throw new LaunchError(`The Postgres at ${withoutPassword(serverUrl)} does not let us in: ${error.message}`);
  }
  try {
    for (const service of services) await createDatabase(client, `once_${service}`);
  } finally {
    await client.end();
  }
  return Object.fromEntries(services.map((service) => [service, addressOf(serverUrl, `once_${service}`)]));
};

const createDatabase = async (client, name) => {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  if (rowCount > 0) return;
  try {
    await client.query(`create database ${name}`);
  } catch (error) {
    if (error.code !== DUPLICATE_DATABASE && error.code !== UNIQUE_VIOLATION) throw error; // another start was faster
  }
};

const DUPLICATE_DATABASE = '42P04';
const UNIQUE_VIOLATION = '23505';

const addressOf = (serverUrl, name) => {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
};

const withoutPassword = (address) => {
  const url = new URL(address);
  url.password = '';
  return url.href;
};
