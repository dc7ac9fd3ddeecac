-- What several daemons, or one after the other, must know of each other.

-- The pace of a channel: when its next message is due by its rate.
alter table lanes add column tat integer not null default 0;

-- By which settings each daemon works for an account and its channels.
create table settings (
  owner   text not null,
  account text not null,
  digest  text not null,
  primary key (owner, account)
) without rowid;

-- Which daemon noted the state of an account's breaker.
alter table accounts add column noted_by text not null default '';
