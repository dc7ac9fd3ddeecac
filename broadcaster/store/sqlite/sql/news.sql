-- Rows for alerts, reports and metrics.

-- name: troubles
-- What became a person's matter in a time: of each account and state the first few, and how many.
-- Lane by lane, so that the index on what is stuck is used.
select * from (
  select d.id, d.post, l.channel, l.account, d.kind, d.state, d.step, d.steps, d.reason,
    d.done_at as at, count(*) over same as total, max(d.done_at) over same as last,
    row_number() over (same order by d.done_at, d.id) as place
  from lanes l cross join deliveries d
  where d.lane = l.id and d.stuck in ('unknown', 'failed', 'missed')
    and d.done_at > :since and d.done_at <= :until
  window same as (partition by l.account, d.state))
where place <= :examples order by account, state, place

-- name: notified_at
select at from told where cause = :cause

-- name: notify
insert into told (cause, at) values (:cause, :now)
on conflict do update set at = :now where at <= :now - :every
returning at

-- name: notified
select cause, at from told

-- name: lines
-- The length of each account's lines, and the earliest due time in them.
select account, sum(length) as length, min(oldest) as oldest from (
  select l.account,
    (select count(*) from deliveries d where d.lane = l.id and d.open is not null) as length,
    (select min(d.order_at) from deliveries d
     where d.lane = l.id and d.open is not null and d.order_at <= :now) as oldest
  from lanes l)
group by account

-- name: stuck
select l.account, d.state, count(*) as count
from deliveries d join lanes l on l.id = d.lane
where d.stuck is not null
group by l.account, d.state

-- name: went_out
-- Messages delivered in a time, by channel.
select l.channel, count(distinct r.post) as posts, count(*) as messages
from lanes l cross join receipts r
where r.lane = l.id and r.recorded >= :since and r.recorded < :until
group by l.channel order by l.channel
