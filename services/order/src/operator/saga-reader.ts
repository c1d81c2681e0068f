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

const STORED_SAGA = `
  select ${sagaOf('s.id')} as saga, ${isoTime('coalesce(s.parked_at, s.updated_at)')} as since, ${ORDER_JSON} as "order"
    from saga s
    join customer_order o on o.id = s.subject_id`;

/** Reads sagas with their orders. Nothing here decides anything. */
export class SagaReader {
  constructor(private readonly session: SqlSession) {}

  async find(id: string): Promise<StoredSaga | null> {
    const result = await this.session.query(`${STORED_SAGA} where s.id = $1`, [id]);
    return rowsOf<StoredSaga>(result)[0] ?? null;
  }

  /** The oldest first: who has waited longest is looked at first. Ids are time-ordered. */
  async list({ status, after, limit }: SagaPage): Promise<readonly StoredSaga[]> {
    const result = await this.session.query(
      `${STORED_SAGA}
        where ($1::text is null or s.state = $1)
          and ($2::uuid is null or s.id > $2)
        order by s.id
        limit $3`,
      [status, after, limit],
    );
    return rowsOf<StoredSaga>(result);
  }
}
