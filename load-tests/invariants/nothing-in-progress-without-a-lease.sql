-- Work that was begun is either finished or somebody's: no operation is unfinished longer than its lease plus the few seconds
-- in which a rescuer looks.
select r.service, r.scope, r.key, r.recovery_point, r.leased_by, r.lease_expires_at, r.subject as order_id
  from idempotency_record r
 cross join reading
 where not r.is_finished
   and (r.lease_expires_at is null or r.lease_expires_at < reading.at - interval '5 s')
 order by r.service, r.key
