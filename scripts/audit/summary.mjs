/** What the audit tells beside its verdicts, read from the scratch. */

/** Orders whose timeline is told per broken invariant: the first ones show what happens, thousands would hide it. */
const TIMELINES_MAX = 5;

export const countEverything = async (scratch) => {
  const [row] = await scratch.query(`
    select (select count(*) from customer_order)::int as orders,
           (select count(*) from customer_order where status = 'confirmed')::int as confirmed,
           (select count(*) from customer_order where status = 'cancelled')::int as cancelled,
           (select count(*) from customer_order where status = 'pending')::int as pending,
           (select count(*) from customer_order where status = 'parked')::int as parked,
           (select count(*) from ledger where kind = 'capture')::int as captures,
           (select count(*) from ledger where kind = 'refund')::int as refunds,
           (select count(*) from provider_call)::int as "providerCalls",
           (select count(*) from mail)::int as mails,
           (select count(*) - count(distinct message_id) from mail)::int as "mailCopies",
           (select count(*) from saga_timeline)::int as "timelineLines",
           (select count(*) from request)::int as requests`);
  return row;
};

/** Every parked saga with what the provider holds for its order: parked is allowed, hidden is not. */
export const findParked = (scratch) =>
  scratch.query(`
    select s.order_id as "orderId", s.definition as saga, s.step, s.parked_reason as reason,
           coalesce(sum(case l.kind when 'authorise' then l.amount when 'void' then -l.amount
                                    when 'refund' then -l.amount else 0 end), 0)::float8 as "held",
           o.currency
      from saga s
      left join customer_order o on o.id = s.order_id
      left join ledger l on l.order_id = s.order_id
     where s.state = 'parked'
     group by s.id, s.order_id, s.definition, s.step, s.parked_reason, o.currency
     order by s.order_id`);

/** The timelines of the orders that broken invariants name, by order. */
export const findTimelines = async (scratch, invariants) => {
  const orderIds = new Set(
    invariants.flatMap(({ rows }) => [...new Set(rows.map((row) => row.order_id))].slice(0, TIMELINES_MAX)),
  );
  orderIds.delete(undefined);
  orderIds.delete(null);
  const lines = await scratch.query(
    `select order_id as "orderId", seq, at, service, replica, saga_id as saga, step, direction, generation, attempt, event,
            outcome, cause, detail
       from saga_timeline where order_id = any($1) order by order_id, seq`,
    [[...orderIds]],
  );
  return Object.fromEntries(
    [...orderIds].map((id) => [
      id,
      lines.filter(({ orderId }) => orderId === id).map(({ orderId: _, ...line }) => line),
    ]),
  );
};
