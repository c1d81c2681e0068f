import { randomUUID } from 'node:crypto';
import {
  decideRequest,
  recordOf,
  rowsOf,
  type AtomicWork,
  type Decision,
  type IdempotencyRecord,
  type IdentifiedRequest,
  type RequestAnswer,
  type SqlSession,
} from '../src/index.js';
import { commit, type Member } from './deposits-database.js';

export interface DepositRequest extends IdentifiedRequest {
  readonly amount: number;
  readonly note: string;
}

export const RETENTION_MS = 86_400_000;

/**
 * Deposits by request: one of 13 is refused as a matter of business; with the note "fault" our work makes a mistake, and
 * while it `isBusy` it says so.
 */
export class DepositRequests implements AtomicWork<DepositRequest, IdempotencyRecord | null, Member, RequestAnswer> {
  isBusy = false;

  constructor(private readonly session: SqlSession) {}

  subjects({ scope, key }: DepositRequest): readonly string[] {
    return [`${scope}\n${key}`];
  }

  async load(requests: readonly DepositRequest[]): Promise<readonly (IdempotencyRecord | null)[]> {
    const result = await this.session.query(
      `select ${recordOf('m.scope', 'm.key')} as record
         from jsonb_to_recordset($1::jsonb) as m(no int, scope text, key text)
        order by m.no`,
      [JSON.stringify(requests.map(({ scope, key }, no) => ({ no, scope, key })))],
    );
    return rowsOf<{ record: IdempotencyRecord | null }>(result).map(({ record }) => record);
  }

  decide(record: IdempotencyRecord | null, request: DepositRequest): Decision<Member, RequestAnswer> {
    const { amount, note } = request;
    return decideRequest(record, request, RETENTION_MS, {
      perform: () => {
        if (note === 'fault') throw new Error('a mistake of ours');
        const id = randomUUID();
        const made = { 'content-type': 'application/json; charset=utf-8', location: `/deposits/${id}`, etag: '"1"' };
        // As an application has them that takes them from its reply: more than is to be repeated.
        const headers = { ...made, 'set-cookie': 'session=secret' };
        const isRefused = amount === 13;
        return {
          subject: id,
          response: isRefused
            ? { status: 402, headers: {}, body: JSON.stringify({ refused: id }) }
            : {
                status: this.isBusy ? 503 : 201,
                headers,
                body: JSON.stringify({ id, amount, note, text: 'é 𝄞 \u2028' }),
              },
          change: (newRecord) => ({ records: [newRecord], ...(isRefused ? {} : { amount }) }),
        };
      },
    });
  }

  async commit(members: readonly Member[]): Promise<ReadonlySet<number>> {
    return new Set(await commit(this.session, ...members));
  }
}
