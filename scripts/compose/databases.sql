-- Runs once, on an empty volume: every service has a database of its own and migrates it itself.
create database once_order;
create database once_payment;
create database once_notification;
create database once_sandbox;
