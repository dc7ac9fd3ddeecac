-- What people see.

-- name: post
select * from posts where id = %(post)s

-- name: posts_page
-- Newest due first, a page at a time; `state` narrows where a post or a delivery stores it.
select * from posts p
where (p.due, p.id) < (%(due)s, %(id)s)
  and (%(since)s::bigint is null or p.due >= %(since)s)
  and (%(until)s::bigint is null or p.due < %(until)s)
  and (%(stages)s::jsonb is null
       or p.stage in (select jsonb_array_elements_text(%(stages)s::jsonb)))
  and (%(state)s::text is null
    or exists (select 1 from deliveries d where d.post = p.id and d.state = %(state)s)
    or %(state)s = 'missed' and p.stage = 'draft'
    or %(state)s = 'waiting' and exists (select 1 from plan where post = p.id and not cancelled))
order by p.due desc, p.id desc limit %(limit)s

-- name: standing
-- States of the deliveries of kind POST that count; one that an edit took over has its state.
with recursive chain (post, id) as (
  select post, id from deliveries
  where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
    and kind = 'post' and counts
  union all
  select c.post, d.superseded_by from chain c join deliveries d on d.id = c.id
  where d.state = 'cancelled'
    and (select kind from deliveries s where s.id = d.superseded_by) = 'edit')
select c.post, d.state, count(*) as count from chain c join deliveries d on d.id = c.id
where not (d.state = 'cancelled' and d.superseded_by is not null
    and coalesce((select kind from deliveries s where s.id = d.superseded_by), '') = 'edit')
group by c.post, d.state

-- name: out
select post, count(*) filter (where removed_at is null) as live,
  count(*) filter (where removed_at is not null) as removed
from receipts where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) group by post

-- name: planned_counts
select post, count(*) filter (where not cancelled) as waiting,
  count(*) filter (where cancelled) as cancelled
from targets where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) and not off
group by post

-- name: deliveries
select * from delivery_rows where post = %(post)s order by id

-- name: unknowns
select r.* from deliveries d join delivery_rows r on r.id = d.id
where d.stuck = 'unknown' order by d.sent_at nulls first, d.id

-- name: receipts
select * from receipts where post = %(post)s order by lane, slot

-- name: attempts
select * from attempts
where delivery = any(array(select jsonb_array_elements(%(deliveries)s::jsonb)::bigint)) order by id

-- name: counts
select state, count(*) as count from deliveries group by state

-- name: planned_total
select count(*) from targets where post in (select post from scheduled) and not cancelled

-- name: by_channel
select l.channel, d.state, count(*) as count
from deliveries d join lanes l on l.id = d.lane
where d.state not in ('delivered', 'cancelled') group by l.channel, d.state

-- name: planned_by_channel
select channel, count(*) as count from targets
where post in (select post from scheduled) and not cancelled group by channel

-- name: meta
select key, value from meta

-- name: gates
select scope, name, cause, reason, by, at from gates order by at, scope, name

-- name: accounts
select name, breaker, failures, retry_at, reason, not_before from accounts order by name

-- name: next_due
-- The earliest of what is planned, and of what stands in a line.
select least(
  (select min(due) from scheduled),
  (select min(wake_at) from lanes where owner is null and wake_at is not null))

-- name: removals
-- Posts whose time in the channels is over.
select id from posts where remove_at <= %(now)s order by remove_at, id limit %(limit)s
