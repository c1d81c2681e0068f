-- While the world outside has no faults in force, nothing is parked: what was, resumes by itself when the answer decides.
select o.id as order_id, o.status, s.definition, s.step, s.parked_reason
  from customer_order o
  left join saga s on s.order_id = o.id and s.state = 'parked'
 where (o.status = 'parked' or s.id is not null)
   and not exists (select from fault_rule)
 order by o.id
