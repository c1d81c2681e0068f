import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { JOURNAL_STATEMENT } from './journal-statement.js';
import type { JournalStore } from './journal.js';
import { SCHEMA } from './schema.js';

/** One number for one purpose: this lock says who owns the world of this database. */
const OWNER_LOCK = 7_305_201;

const RETRY_MS = 250;
const RETRY_MS_MAX = 5_000;

export interface JournalSessionOptions {
  readonly databaseUrl: string;
  /** How long to wait for the database, and for a predecessor to let go of it, at the start. Default 60,000. */
  readonly waitMs?: number;
  readonly log: (message: string) => void;
}

/**
 * The one connection that writes.
 *
 * It holds a session lock for as long as it lives, so a second sandbox cannot write into the same world, and, after a
 * broken connection, the lock is granted only once the old session's last statement has ended: a batch that is written
 * again can not be overtaken by its own ghost.
 */
export class JournalSession implements JournalStore {
  private client: Client | undefined;
  private isClosing = false;

  constructor(private readonly options: JournalSessionOptions) {}

  /** Waits for the database (bounded), takes possession of it and brings its schema up to date. */
  async open(): Promise<void> {
    const deadline = Date.now() + (this.options.waitMs ?? 60_000);
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.client = await this.connect();
        break;
      } catch (error) {
        if (isHopeless(error) || Date.now() > deadline) throw unreachable(this.options.databaseUrl, error);
        if (attempt === 1) this.options.log(`waiting for the database: ${messageOf(error)}`);
        await sleep(RETRY_MS);
      }
    }
    await this.client.query(SCHEMA);
  }

  async write(parameters: readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.client ??= await this.connect();
        await this.client.query({ ...JOURNAL_STATEMENT, values: [...parameters] });
        return;
      } catch (error) {
        if (!isWorthAnotherTry(error) || this.isClosing) throw error;
        this.options.log(`the journal could not be written (attempt ${attempt}): ${messageOf(error)}`);
        await this.drop();
        await sleep(Math.min(RETRY_MS * 2 ** (attempt - 1), RETRY_MS_MAX));
      }
    }
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.drop();
  }

  private async connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.options.databaseUrl,
      application_name: 'sandbox journal',
      connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000,
    });
    client.on('error', (error) => {
      this.options.log(`the connection to the database broke: ${error.message}`);
      if (this.client === client) this.client = undefined;
    });
    try {
      await client.connect();
      const answer = await client.query<{ owned: boolean }>('select pg_try_advisory_lock($1) as owned', [OWNER_LOCK]);
      if (answer.rows[0]?.owned !== true) throw new WorldTakenError();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  private async drop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.end().catch((error: unknown) => this.options.log(messageOf(error)));
  }
}

/** Another session holds the world: another sandbox, or our own old connection that has not ended yet. */
class WorldTakenError extends Error {
  override readonly name = 'WorldTakenError';

  constructor() {
    super('another sandbox owns this database');
  }
}

/** SQLSTATE class 28: the password or the role is wrong, and waiting cannot help. */
function isHopeless(error: unknown): boolean {
  return codeOf(error).startsWith('28');
}

/** Lost connections, restarts, full disks and time-outs pass; anything else is a mistake of ours that would repeat itself. */
function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof WorldTakenError) return true;
  const code = codeOf(error);
  return code === '' || /^(?:08|53|57|58|40|3D|E[A-Z])/.test(code);
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

function unreachable(databaseUrl: string, cause: unknown): Error {
  const { host, pathname } = new URL(databaseUrl);
  return new Error(`the database ${pathname.slice(1)} at ${host} cannot be used: ${messageOf(cause)}`, { cause });
}
