-- No session sits in an open transaction, and none is prepared and forgotten: both hold locks and keep dead rows.
select service, what, application, open_s
  from open_transaction
 where open_s > 5
 order by service
