import { recordOf, rowsOf, type SqlSession } from '@once/idempotency';
import { mintMessage, type OutboxRelay } from '@once/messaging';
import { traceIdOf } from '@once/service-kit';
import { newestSagaOf, sagaChange, sagaOf, type Transition } from '@once/saga';
import type { CancelOrderInput, CancelOrderState } from '../cancel-order/cancel-order.work.js';
import type { SagaHappening, SagaState } from '../checkout-saga/saga-work.js';
import type { PlaceOrderInput, PlaceOrderState } from '../place-order/place-order.work.js';
import { COMMIT_ORDERS } from './commit-orders.js';
import type { OrderChange } from './order-change.js';
import { isoTime, ORDER_JSON } from './order-json.js';

/** `offset 0` keeps the look-up by key: seen as one condition, the planner may read all orders of the account instead. */
const LOAD_FOR_PLACING = `
  select ${recordOf('m.scope', 'm.key')} as record,
         (select o.id from (select id, account from customer_order where idempotency_key = m.key offset 0) o
           where o.account = m.account) as "existingOrderId",
         (select coalesce(jsonb_agg(jsonb_build_object(
                   'sku', i.sku, 'unitAmount', i.unit_amount, 'currency', i.currency,
                   'available', i.available, 'reserved', i.reserved, 'sold', i.sold)), '[]')
            from stock_item i where i.sku in (select jsonb_array_elements_text(m.skus))) as stock,
         ${isoTime('clock_timestamp()')} as now
    from jsonb_to_recordset($1::jsonb) as m(no int, account text, scope text, key text, skus jsonb)
   order by m.no`;

const LOAD_FOR_CANCELLING = `
  select (select ${ORDER_JSON} from customer_order o where o.id = m."orderId") as "order",
         ${newestSagaOf('m."orderId"')} as saga,
         ${recordOf('m.scope', 'm.key')} as record,
         ${isoTime('clock_timestamp()')} as now
    from jsonb_to_recordset($1::jsonb) as m(no int, "orderId" uuid, scope text, key text)
   order by m.no`;

const LOAD_SAGAS = `
  select (select ${ORDER_JSON} from customer_order o where o.id = m."orderId") as "order",
         ${sagaOf('m."sagaId"')} as saga
    from jsonb_to_recordset($1::jsonb) as m(no int, "orderId" uuid, "sagaId" uuid)
   order by m.no`;

export interface ProcessIdentity {
  readonly service: string;
  readonly replica: number;
}

/** Loads and commits sets of orders; see the commit statement for what makes it safe. */
export class OrderStore {
  constructor(
    private readonly session: SqlSession,
    private readonly relay: Pick<OutboxRelay, 'publishCommitted'>,
    private readonly identity: ProcessIdentity,
  ) {}

  loadForPlacing(inputs: readonly PlaceOrderInput[]): Promise<readonly PlaceOrderState[]> {
    return this.load(
      LOAD_FOR_PLACING,
      inputs.map(({ account, request, body }) => {
        const skus = body.items.map(({ sku }) => sku);
        return { account, scope: request.scope, key: request.key, skus };
      }),
    );
  }

  loadForCancelling(inputs: readonly CancelOrderInput[]): Promise<readonly CancelOrderState[]> {
    return this.load(
      LOAD_FOR_CANCELLING,
      inputs.map(({ orderId, request }) => ({ orderId, scope: request?.scope, key: request?.key })),
    );
  }

  loadSagas(inputs: readonly Pick<SagaHappening, 'orderId' | 'sagaId'>[]): Promise<readonly SagaState[]> {
    return this.load(
      LOAD_SAGAS,
      inputs.map(({ orderId, sagaId }) => ({ orderId, sagaId })),
    );
  }

  async commit(changes: readonly OrderChange[]): Promise<ReadonlySet<number>> {
    const members = changes.map((change, no) => this.memberOf(change, no));
    const result = await this.session.query(COMMIT_ORDERS, [JSON.stringify(members)]);
    const applied = rowsOf<{ no: number; committedAt: Date }>(result);
    this.relay.publishCommitted(
      applied.flatMap(({ no, committedAt }) =>
        (members[no]?.messages ?? []).map((message) => ({ ...message, committedAt })),
      ),
    );
    return new Set(applied.map(({ no }) => no));
  }

  private async load<State>(statement: string, members: readonly object[]): Promise<readonly State[]> {
    const numbered = members.map((member, no) => ({ no, ...member }));
    return rowsOf<State>(await this.session.query(statement, [JSON.stringify(numbered)]));
  }

  private memberOf(change: OrderChange, no: number) {
    const messages = change.commands.map(({ kind, payload, sagaId }) =>
      mintMessage(kind, payload, { sagaId, causationId: change.causationId, traceparent: change.traceparent ?? null }),
    );
    const changeOf = (transition: Transition | null) => {
      if (transition === null) return null;
      const sent = messages.find(({ sagaId }) => sagaId === transition.next.id);
      return sagaChange(transition, {
        ...this.identity,
        traceId: traceIdOf(change.traceparent),
        receivedMessageId: change.causationId,
        sentMessageId: sent?.id ?? null,
      });
    };
    return {
      no,
      placed: change.placed?.order ?? null,
      idempotencyKey: change.placed?.idempotencyKey ?? null,
      changed: change.changed,
      saga_move: changeOf(change.moved),
      saga_start: changeOf(change.started),
      movements: change.movements,
      records: change.records,
      messages,
    };
  }
}
