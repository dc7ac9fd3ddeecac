-- The pace of a channel outlives the daemon that keeps it: when the next message is due by its rate.
alter table lanes add column tat integer not null default 0;
