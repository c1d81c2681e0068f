-- Every copy of a mail was an attempt of ours: as many lie in the mailbox as were answered with success, and at most as many
-- more as there are attempts that nobody knows the end of. So copies are counted, and none is lost that was called sent.
with attempted as (
  select order_id, template, count(*) filter (where outcome = 'sent') as sent,
         count(*) filter (where outcome is null or outcome = 'unknown') as unknown
    from mail_attempt
   group by order_id, template),
arrived as (
  select order_id, template, count(*) as copies from mail group by order_id, template)
select order_id, template, coalesce(copies, 0) as copies, coalesce(sent, 0) as sent, coalesce(unknown, 0) as unknown
  from attempted
  full join arrived using (order_id, template)
 where coalesce(copies, 0) not between coalesce(sent, 0) and coalesce(sent, 0) + coalesce(unknown, 0)
 order by order_id, template
