-- A key stands for one request: nobody is answered with an order for two different wishes under the same key.
--
-- judged: with requests
select account, key, path, count(distinct fingerprint) as requests, min(order_id) as order_id
  from request
 where method = 'POST' and key is not null and status between 200 and 299
 group by account, key, path
having count(distinct fingerprint) > 1
 order by account, key
