import { rowsOf, type SqlSession } from '@once/idempotency';
import { sagaOf, type SagaState } from '@once/saga';
import { isoTime, ORDER_JSON } from '../persistence/order-json.js';
import type { StoredSaga } from './saga-view.js';

export interface SagaPage {
  readonly status: SagaState | null;
  /** Only sagas younger than this one. */
  readonly after: string | null;
  readonly limit: number;
}

/** The saga is `listed` and not `s`, which is its name inside of sagaOf. */
const STORED_SAGA = `
  select ${sagaOf('listed.id')} as saga, ${isoTime('coalesce(listed.parked_at, listed.updated_at)')} as since,
         ${ORDER_JSON} as "order",
         (select count(*)::int from saga_timeline t
           where t.subject_id = listed.subject_id and t.saga_id = listed.id
             and t.event = 'replied' and t.outcome in ('ok', 'refused', 'unknown')) as answers
    from saga listed
    join customer_order o on o.id = listed.subject_id`;

/** Reads sagas with their orders. Nothing here decides anything. */
export class SagaReader {
  constructor(private readonly session: SqlSession) {}

  async find(id: string): Promise<StoredSaga | null> {
    const result = await this.session.query(`${STORED_SAGA} where listed.id = $1`, [id]);
    return rowsOf<StoredSaga>(result)[0] ?? null;
  }

  /** The oldest first: who has waited longest is looked at first. Ids are time-ordered. */
  async list({ status, after, limit }: SagaPage): Promise<readonly StoredSaga[]> {
    const result = await this.session.query(
      `${STORED_SAGA}
        where ($1::text is null or listed.state = $1)
          and ($2::uuid is null or listed.id > $2)
        order by listed.id
        limit $3`,
      [status, after, limit],
    );
    return rowsOf<StoredSaga>(result);
  }
}
