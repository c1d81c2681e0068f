-- Whoever repeats a request under its key gets the same answer, byte for byte. "Not yet" (409, 429, 5xx) and "no longer on
-- record" (410) are no answers.
--
-- judged: with requests
select account, key, path, count(distinct (status, body_digest)) as answers, min(order_id) as order_id
  from request
 where method = 'POST' and key is not null and status is not null and status < 500 and status not in (409, 410, 429)
 group by account, key, path, fingerprint
having count(distinct (status, body_digest)) > 1
 order by account, key
