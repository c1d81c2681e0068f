import { operationKey, stepReply } from '@once/contracts';
import {
  completeRecords,
  EVENT_SCOPE,
  freeMembers,
  insertRecords,
  recordOf,
  rowsOf,
  STEP_SCOPE,
  type SqlSession,
} from '@once/idempotency';
import { insertOutbox, mintMessage, type OutboxRelay } from '@once/messaging';
import type { PaymentChange, PaymentInput, PaymentState } from '../payment/payment-work.js';

/** A payment row as a Payment in jsonb. */
const PAYMENT_JSON = `
  jsonb_build_object(
    'orderId', p.order_id, 'goal', p.goal, 'reason', p.reason,
    'charge', case when p.amount is not null
                   then jsonb_build_object('amount', p.amount, 'currency', p.currency, 'method', p.method) end,
    'intentId', p.intent_id, 'intentStatus', p.intent_status,
    'capturedAmount', p.captured_amount, 'refundedAmount', p.refunded_amount,
    'generation', p.generation, 'undecided', p.undecided, 'requests', p.requests, 'version', p.version)`;

const LOAD = `
  select (select ${PAYMENT_JSON} from payment p where p.order_id = m."orderId") as payment,
         ${recordOf('m.scope', 'm.key')} as record,
         clock_timestamp() as now
    from jsonb_to_recordset($1::jsonb) as m(no int, "orderId" uuid, scope text, key text)
   order by m.no`;

/**
 * Everything the payment service decides is committed by this one statement. A member applies only if its step record is
 * still absent and its payment row still has the version it was decided on; a first row is decided by its primary key,
 * whose violation rolls the statement back.
 */
const COMMIT = `
  with member as (
    select * from jsonb_to_recordset($1::jsonb)
      as m(no int, payment jsonb, records jsonb, completions jsonb, messages jsonb)),
  free as (${freeMembers('member')}),
  next as (
    select n.* from free m
     cross join lateral jsonb_to_record(m.payment)
        as n("orderId" uuid, goal text, reason text, charge jsonb, "intentId" text, "intentStatus" text,
             "capturedAmount" bigint, "refundedAmount" bigint, generation int, undecided text, requests jsonb, version int)
     where m.payment is not null),
  locked as (
    select p.order_id from payment p
      join next n on n."orderId" = p.order_id and n.version = p.version
     order by p.order_id
       for update of p),
  inserted as (
    insert into payment (order_id, goal, reason, amount, currency, method, intent_id, intent_status,
                         captured_amount, refunded_amount, generation, undecided, requests)
    select n."orderId", n.goal, n.reason, (n.charge->>'amount')::bigint, n.charge->>'currency', n.charge->>'method',
           n."intentId", n."intentStatus", n."capturedAmount", n."refundedAmount", n.generation, n.undecided,
           n.requests
      from next n
     where n.version = 0
    returning order_id),
  updated as (
    update payment p
       set goal = n.goal, reason = n.reason,
           amount = (n.charge->>'amount')::bigint, currency = n.charge->>'currency', method = n.charge->>'method',
           intent_id = n."intentId", intent_status = n."intentStatus",
           captured_amount = n."capturedAmount", refunded_amount = n."refundedAmount",
           generation = n.generation, undecided = n.undecided, requests = n.requests, version = p.version + 1,
           updated_at = clock_timestamp()
      from locked l
      join next n on n."orderId" = l.order_id
     where p.order_id = l.order_id and p.version = n.version
    returning p.order_id),
  applied as (
    select m.* from free m
     where m.payment is null
        or (m.payment->>'orderId')::uuid in (select order_id from inserted union all select order_id from updated)),
  recorded as (${insertRecords('applied')}),
  completed as (${completeRecords('applied')}),
  sent as (${insertOutbox('applied')})
  select no, clock_timestamp() as "committedAt" from applied`;

/** Loads and commits sets of payments; see the statements for what makes them safe. */
export class PaymentStore {
  constructor(
    private readonly session: SqlSession,
    private readonly relay: Pick<OutboxRelay, 'publishCommitted'>,
  ) {}

  async load(inputs: readonly PaymentInput[]): Promise<readonly PaymentState[]> {
    const members = inputs.map((input, no) => ({ no, ...identityOf(input) }));
    return rowsOf<PaymentState>(await this.session.query(LOAD, [JSON.stringify(members)]));
  }

  async commit(changes: readonly PaymentChange[]): Promise<ReadonlySet<number>> {
    const members = changes.map(({ replies, ...change }, no) => ({ no, ...change, messages: replies.map(messageOf) }));
    const result = await this.session.query(COMMIT, [JSON.stringify(members)]);
    const applied = rowsOf<{ no: number; committedAt: Date }>(result);
    this.relay.publishCommitted(
      applied.flatMap(({ no, committedAt }) =>
        (members[no]?.messages ?? []).map((message) => ({ ...message, committedAt })),
      ),
    );
    return new Set(applied.map(({ no }) => no));
  }
}

/** The row and the record that an input is about; an observation has no record of its own. */
function identityOf(input: PaymentInput) {
  switch (input.kind) {
    case 'request': {
      const { orderId, operation } = input.request;
      return { orderId, scope: STEP_SCOPE, key: operationKey(operation) };
    }
    case 'event':
      return { orderId: input.orderId, scope: EVENT_SCOPE, key: input.id };
    case 'observation':
    case 'review':
      return { orderId: input.orderId, scope: null, key: null };
  }
}

function messageOf({ payload, causationId, traceparent }: PaymentChange['replies'][number]) {
  const { sagaId } = payload.operation;
  return mintMessage(stepReply, payload, { sagaId, causationId, traceparent: traceparent ?? null });
}
