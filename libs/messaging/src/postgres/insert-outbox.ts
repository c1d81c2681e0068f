/**
 * The part of a commit statement that writes its outgoing messages: the body of a common table expression.
 *
 *     with member as (select * from jsonb_to_recordset($1) as m(no int, messages jsonb, …)),
 *          …changes…,
 *          sent as (<insertOutbox('member')>)
 *     select …
 *
 * Reads from `source` the jsonb column `messages`: an array of OutgoingMessage as JSON.stringify writes it (camelCase keys).
 * Returns `id` and `created_at` of every row: with them the message becomes a CommittedMessage.
 *
 * A row is born leased for FIRST_LEASE_MS: its sender publishes it from memory right after the commit, and the sweep of
 * another replica must not race that. A message id that exists already violates the primary key and undoes the statement.
 */
export function insertOutbox(source: string): string {
  return `
    insert into outbox_message
           (id, destination, type, version, saga_id, causation_id, traceparent, payload, next_attempt_at)
    select o.id, o.destination, o.type, o.version, o."sagaId", o."causationId", o.traceparent,
           coalesce(o.payload, 'null'::jsonb),
           clock_timestamp() + interval '${FIRST_LEASE_MS} milliseconds'
      from ${source} m
     cross join lateral jsonb_to_recordset(m.messages)
        as o(id uuid, destination text, type text, version int, "sagaId" text, "causationId" text,
             traceparent text, payload jsonb)
    returning id, created_at`;
}

/**
 * Publishing from memory takes milliseconds, and the relay stops trusting the lease at its half. Longer would only delay
 * the messages of a process that died right after its commit.
 */
export const FIRST_LEASE_MS = 5_000;
