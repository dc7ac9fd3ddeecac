-- Rows for alerts, reports and metrics.

-- name: troubles
-- What became a person's matter in a time: of each account and state the first few, and how many.
select * from (
  select d.id, d.post, l.channel, l.account, d.kind, d.state, d.step, d.steps, d.reason,
    d.done_at as at, count(*) over same as total, max(d.done_at) over same as last,
    row_number() over (same order by d.done_at, d.id) as place
  from deliveries d join lanes l on l.id = d.lane
  where d.stuck in ('unknown', 'failed', 'missed')
    and d.done_at > %(since)s and d.done_at <= %(until)s
  window same as (partition by l.account, d.state)) found
where place <= %(examples)s order by account, state, place

-- name: notified_at
select at from told where cause = %(cause)s

-- name: notify
insert into told (cause, at) values (%(cause)s, %(now)s)
on conflict (cause) do update set at = %(now)s where told.at <= %(now)s::bigint - %(every)s
returning at

-- name: notified
select cause, at from told

-- name: lines
-- The length of each account's lines, and the earliest due time in them.
select l.account, count(d.id) as length,
  min(d.order_at) filter (where d.order_at <= %(now)s) as oldest
from lanes l left join deliveries d on d.lane = l.id and d.open is not null
group by l.account order by l.account

-- name: stuck
select l.account, d.state, count(*) as count
from deliveries d join lanes l on l.id = d.lane
where d.stuck is not null
group by l.account, d.state

-- name: went_out
-- Messages delivered in a time, by channel.
select l.channel, count(distinct r.post) as posts, count(*) as messages
from lanes l join receipts r on r.lane = l.id
where r.recorded >= %(since)s and r.recorded < %(until)s
group by l.channel order by l.channel
