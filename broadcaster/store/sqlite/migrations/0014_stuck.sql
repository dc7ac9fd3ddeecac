-- The state of a delivery that waits for a person; null: it does not.  PostgreSQL has had this column
-- from the start, and queries of both now read alike.
alter table deliveries add column stuck text generated always as (
  case when state in ('unknown', 'held', 'failed', 'missed') then state end) virtual;

drop index deliveries_stuck;
create index deliveries_stuck on deliveries (stuck, lane, done_at) where stuck is not null;
