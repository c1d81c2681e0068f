-- Runs once, on an empty volume: every service has a database of its own, which it migrates itself, and a role that reaches
-- no other. Passwords come from the environment of the container.
\getenv order_password ORDER_DATABASE_PASSWORD
\getenv payment_password PAYMENT_DATABASE_PASSWORD
\getenv notification_password NOTIFICATION_DATABASE_PASSWORD
\getenv sandbox_password SANDBOX_DATABASE_PASSWORD

create role once_order login password :'order_password';
create role once_payment login password :'payment_password';
create role once_notification login password :'notification_password';
create role once_sandbox login password :'sandbox_password';

create database once_order owner once_order;
create database once_payment owner once_payment;
create database once_notification owner once_notification;
create database once_sandbox owner once_sandbox;

-- Everybody may connect to a new database, until told otherwise.
revoke all on database once_order, once_payment, once_notification, once_sandbox, once, postgres, template1 from public;
