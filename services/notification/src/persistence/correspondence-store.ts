import { operationKey, stepReply } from '@once/contracts';
import {
  completeRecords,
  freeMembers,
  insertRecords,
  recordOf,
  rowsOf,
  STEP_SCOPE,
  type SqlSession,
} from '@once/idempotency';
import { insertOutbox, mintMessage, type OutboxRelay } from '@once/messaging';
import type {
  CorrespondenceChange,
  CorrespondenceInput,
  CorrespondenceState,
} from '../correspondence/correspondence-work.js';

const LOAD = `
  select (select jsonb_build_object('orderId', c.order_id, 'confirmation', c.confirmation,
                                    'cancellation', c.cancellation, 'version', c.version)
            from correspondence c where c.order_id = m."orderId") as correspondence,
         ${recordOf(`'${STEP_SCOPE}'`, 'm.key')} as record,
         (select count(*)::int from mail_attempt t
           where t.order_id = m."orderId" and t.template = m.template
             and (t.outcome is null or t.outcome = 'unknown')) as "unknownAttempts",
         clock_timestamp() as now
    from jsonb_to_recordset($1::jsonb) as m(no int, "orderId" uuid, key text, template text)
   order by m.no`;

/**
 * Everything the notification service decides is committed by this one statement. A member applies only if its step
 * record is still absent and its row still has the version it was decided on; a first row is decided by its primary key,
 * whose violation rolls the statement back. An attempt applies only while the correspondence has the version that it was
 * decided on, since the mail may have been voided; when the statement is run again, its row is there already.
 */
const COMMIT = `
  with member as (
    select * from jsonb_to_recordset($1::jsonb)
      as m(no int, correspondence jsonb, records jsonb, completions jsonb, messages jsonb, attempts jsonb,
           "endedAttempts" jsonb)),
  free as (${freeMembers('member')}),
  next as (
    select n.* from free m
     cross join lateral jsonb_to_record(m.correspondence)
        as n("orderId" uuid, confirmation jsonb, cancellation jsonb, version int)
     where m.correspondence is not null),
  locked as (
    select c.order_id from correspondence c
      join next n on n."orderId" = c.order_id and n.version = c.version
     order by c.order_id
       for update of c),
  inserted as (
    insert into correspondence (order_id, confirmation, cancellation)
    select n."orderId", n.confirmation, n.cancellation from next n where n.version = 0
    returning order_id),
  updated as (
    update correspondence c
       set confirmation = n.confirmation, cancellation = n.cancellation,
           version = c.version + 1, updated_at = clock_timestamp()
      from locked l
      join next n on n."orderId" = l.order_id
     where c.order_id = l.order_id and c.version = n.version
    returning c.order_id),
  applied as (
    select m.* from free m
     where m.correspondence is null and not exists (
             select from jsonb_to_recordset(m.attempts) as t("orderId" uuid, version int)
               left join correspondence c on c.order_id = t."orderId"
              where c.version is distinct from t.version)
        or (m.correspondence->>'orderId')::uuid in
             (select order_id from inserted union all select order_id from updated)),
  recorded as (${insertRecords('applied')}),
  completed as (${completeRecords('applied')}),
  sent as (${insertOutbox('applied')}),
  attempted as (
    insert into mail_attempt (order_id, template, id)
    select t."orderId", t.template, t.id from applied a
     cross join lateral jsonb_to_recordset(a.attempts) as t("orderId" uuid, template text, id uuid)
    on conflict on constraint one_row_per_attempt do nothing),
  ended as (
    update mail_attempt m set outcome = t.outcome, ended_at = clock_timestamp()
      from applied a
     cross join lateral jsonb_to_recordset(a."endedAttempts")
        as t("orderId" uuid, template text, id uuid, outcome text)
     where m.order_id = t."orderId" and m.template = t.template and m.id = t.id and m.outcome is null)
  select no, clock_timestamp() as "committedAt" from applied`;

/** Loads and commits sets of correspondences; see the statements for what makes them safe. */
export class CorrespondenceStore {
  constructor(
    private readonly session: SqlSession,
    private readonly relay: Pick<OutboxRelay, 'publishCommitted'>,
  ) {}

  async load(inputs: readonly CorrespondenceInput[]): Promise<readonly CorrespondenceState[]> {
    const members = inputs.map((input, no) =>
      input.kind === 'request'
        ? { no, orderId: input.request.orderId, key: operationKey(input.request.operation) }
        : { no, orderId: input.orderId, key: null, template: input.template },
    );
    return rowsOf<CorrespondenceState>(await this.session.query(LOAD, [JSON.stringify(members)]));
  }

  async commit(changes: readonly CorrespondenceChange[]): Promise<ReadonlySet<number>> {
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

function messageOf({ payload, causationId, traceparent }: CorrespondenceChange['replies'][number]) {
  const { sagaId } = payload.operation;
  return mintMessage(stepReply, payload, { sagaId, causationId, traceparent: traceparent ?? null });
}
