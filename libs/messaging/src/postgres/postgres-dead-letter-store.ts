import type { DeadLetter, DeadLetterDetail, DeadLetterPage, DeadLetterStore } from '../dead-letter-store.js';
import { rowsOf, type SqlSession } from './sql-session.js';
import { toText } from './sql-text.js';

/** The dead letters of one queue: the rows of `failed_delivery` that wait for nothing. */
export class PostgresDeadLetterStore implements DeadLetterStore {
  constructor(
    private readonly session: SqlSession,
    private readonly queue: string,
  ) {}

  async list(limit: number, cursor: string | null): Promise<DeadLetterPage> {
    const after = cursor === null ? { at: 'infinity', id: LAST_ID } : positionOf(cursor);
    if (after === undefined) return { kind: 'bad-cursor' };
    const result = await this.session.query(
      `select ${SUMMARY}, dead_lettered_at::text as position
         from failed_delivery
        where queue = $1 and dead_lettered_at is not null and discarded_at is null
          and (dead_lettered_at, id) < ($2::timestamptz, $3::uuid)
        order by dead_lettered_at desc, id desc
        limit $4`,
      [this.queue, after.at, after.id, limit + 1],
    );
    const rows = rowsOf<DeadLetter & { position: string }>(result);
    const data = rows.slice(0, limit).map(({ position: _, ...deadLetter }) => deadLetter);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return { kind: 'page', data, nextCursor: last === undefined ? null : cursorOf(last.position, last.id) };
  }

  async find(id: string): Promise<DeadLetterDetail | undefined> {
    if (!UUID.test(id)) return undefined;
    const result = await this.session.query(
      `select ${SUMMARY}, stack, body, properties
         from failed_delivery
        where queue = $1 and id = $2 and dead_lettered_at is not null and discarded_at is null`,
      [this.queue, id],
    );
    return rowsOf<DeadLetterDetail>(result)[0];
  }

  async redrive(id: string): Promise<boolean> {
    return this.change(
      id,
      `set next_attempt_at = clock_timestamp(), dead_lettered_at = null, attempts = 0, redriven_at = clock_timestamp()`,
    );
  }

  async discard(id: string, note: string): Promise<boolean> {
    return this.change(id, `set discarded_at = clock_timestamp(), discard_note = $3`, toText(note));
  }

  /** Conditional on what it was, so of two operators one wins and the other is told. */
  private async change(id: string, assignments: string, ...values: unknown[]): Promise<boolean> {
    if (!UUID.test(id)) return false;
    const result = await this.session.query(
      `with changed as (
         update failed_delivery ${assignments}
          where queue = $1 and id = $2 and dead_lettered_at is not null and discarded_at is null
         returning id),
       forgotten as (
         delete from delivery_attempt d
          using changed c join failed_delivery f on f.id = c.id
          where d.queue = $1 and d.message_id::text = f.message_id)
       select id from changed`,
      [this.queue, id, ...values],
    );
    return rowsOf<object>(result).length > 0;
  }
}

const SUMMARY = `
  id, message_id as "messageId", type, saga_id as "sagaId", reason, attempts, first_failed_at as "firstFailedAt",
  dead_lettered_at as "deadLetteredAt", redriven_at as "redrivenAt"`;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Opaque to clients. The time is the database's own text, as a JavaScript date would lose its microseconds. */
function cursorOf(position: string, id: string): string {
  return Buffer.from(`${position} ${id}`).toString('base64url');
}

function positionOf(cursor: string): { readonly at: string; readonly id: string } | undefined {
  const match = /^(?<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-][\d:]+) (?<id>\S+)$/.exec(
    Buffer.from(cursor, 'base64url').toString(),
  );
  const { at, id } = match?.groups ?? {};
  return at === undefined || id === undefined || !UUID.test(id) ? undefined : { at, id };
}
