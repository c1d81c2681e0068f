-- An order costs ten calls to the provider at most, and three more for each that went wrong: two to look what became of it
-- and one to send it again. No order is asked about more than thirty times within a second, however long the provider is away.
--
-- Three calls pay an order and a fourth gives the money back; the rest is for replicas that drive the same payment at the same
-- time, and for looks after a call that a webhook has overtaken. docs/operations.md has the reckoning.
--
-- judged: always
with asked as (
  select order_id, seq, at,
         fault is not null or status is null or status >= 400 as went_wrong,
         count(*) over (partition by order_id order by at range between '1 second' preceding and current row) as within_a_second
    from provider_call
   where order_id is not null)
select order_id, count(*) as calls, count(*) filter (where went_wrong) as went_wrong, max(within_a_second) as within_a_second
  from asked
 group by order_id
having count(*) > 10 + 3 * count(*) filter (where went_wrong)
    or max(within_a_second) > 30
 order by order_id
