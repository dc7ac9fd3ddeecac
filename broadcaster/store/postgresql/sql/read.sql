-- Views for people.

-- name: post
select * from posts where id = %(post)s

-- name: posts_page
-- Newest activity first, a page at a time; `state` narrows where a post or a delivery stores it.
-- `also`: posts that have the words, and no folded texts.
select * from posts p
where (p.active, p.id) < (%(active)s, %(id)s)
  and (%(since)s::bigint is null or p.due >= %(since)s)
  and (%(until)s::bigint is null or p.due < %(until)s)
  and (%(active_since)s::bigint is null or p.active >= %(active_since)s
       or p.due >= %(active_since)s)
  and (%(author)s::text is null or p.author = %(author)s)
  and (%(channels)s::jsonb is null
    or exists (select 1 from deliveries d join lanes l on l.id = d.lane
               where d.post = p.id
                 and l.channel in (select jsonb_array_elements_text(%(channels)s::jsonb)))
    or exists (select 1 from archive d join lanes l on l.id = d.lane
               where d.post = p.id
                 and l.channel in (select jsonb_array_elements_text(%(channels)s::jsonb)))
    or exists (select 1 from targets t
               where t.post = p.id
                 and t.channel in (select jsonb_array_elements_text(%(channels)s::jsonb))))
  and (%(words)s::jsonb is null
    or p.words is not null
      and not exists (select 1 from jsonb_array_elements_text(%(words)s::jsonb) w
                      where strpos(p.words, w) = 0)
    or p.id = any(array(select jsonb_array_elements(%(also)s::jsonb)::bigint)))
  and (%(stages)s::jsonb is null
       or p.stage in (select jsonb_array_elements_text(%(stages)s::jsonb)))
  and (%(state)s::text is null
    or exists (select 1 from deliveries d where d.post = p.id and d.state = %(state)s)
    or exists (select 1 from archive d where d.post = p.id and d.state = %(state)s)
    or %(state)s = 'missed' and p.stage = 'draft'
    or %(state)s = 'waiting' and exists (select 1 from plan where post = p.id and not cancelled))
order by p.active desc, p.id desc limit %(limit)s

-- name: given_up
-- Posts with no delivery of kind POST that could still go out, or has.
select post from deliveries
where kind = 'post' and post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
group by post having min(state) = 'cancelled' and max(state) = 'cancelled'

-- name: standing
-- States of the deliveries of kind POST that count; one that an edit took over has its state, and so
-- has one whose confirmation was taken back.
with recursive every as (
  select id, post, kind, counts, state, code, superseded_by from deliveries where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
  union all
  select id, post, kind, counts, state, code, superseded_by from archive where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))),
chain (post, id) as (
  select post, id from every where kind = 'post' and counts
  union all
  select c.post, d.superseded_by from chain c join every d on d.id = c.id
  where (d.state = 'cancelled' or d.code = 'taken-back')
    and (select kind from every s where s.id = d.superseded_by) = 'edit')
select c.post, d.state, count(*) as count from chain c join every d on d.id = c.id
where not ((d.state = 'cancelled' or d.code = 'taken-back') and d.superseded_by is not null
    and coalesce((select kind from every s where s.id = d.superseded_by), '') = 'edit')
group by c.post, d.state

-- name: out
-- Channels in which something of a post is, or was.
select r.post, l.channel, bool_or(r.removed_at is null)::int as live
from receipts r join lanes l on l.id = r.lane
where r.post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
group by r.post, r.lane, l.channel order by r.post, r.lane

-- name: planned_counts
select post, count(*) filter (where not cancelled) as waiting,
  count(*) filter (where cancelled) as cancelled
from targets where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) and not off
group by post

-- name: deliveries
select * from delivery_rows where post = %(post)s order by id

-- name: archived
select a.*, l.channel, l.account, l.chat as lane_chat,
  (select kind from archive s where s.post = a.post and s.id = a.superseded_by) as successor
from archive a join lanes l on l.id = a.lane where a.post = %(post)s order by a.id

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
-- The earliest due time of planned posts and of deliveries in lines.
select least(
  (select min(due) from scheduled),
  (select min(wake_at) from lanes where owner is null and wake_at is not null))

-- name: removals
-- Posts whose planned removal is due.
select id from posts where remove_at <= %(now)s order by remove_at, id limit %(limit)s
