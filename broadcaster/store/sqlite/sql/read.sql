-- Views for people.

-- name: post
select * from posts where id = :post

-- name: posts_page
-- Newest activity first, a page at a time; `state` narrows where a post or a delivery stores it.
-- `also`: posts that have the words, and no folded texts.
select * from posts p
where (p.active, p.id) < (:active, :id)
  and (:since is null or p.due >= :since) and (:until is null or p.due < :until)
  and (:active_since is null or p.active >= :active_since or p.due >= :active_since)
  and (:author is null or p.author = :author)
  and (:channels is null
    or exists (select 1 from deliveries d join lanes l on l.id = d.lane
               where d.post = p.id and l.channel in (select value from json_each(:channels)))
    or exists (select 1 from archive d join lanes l on l.id = d.lane
               where d.post = p.id and l.channel in (select value from json_each(:channels)))
    or exists (select 1 from targets t
               where t.post = p.id and t.channel in (select value from json_each(:channels))))
  and (:words is null
    or p.words is not null
      and not exists (select 1 from json_each(:words) w where instr(p.words, w.value) = 0)
    or p.id in (select value from json_each(:also)))
  and (:stages is null or p.stage in (select value from json_each(:stages)))
  and (:state is null
    or exists (select 1 from deliveries d where d.post = p.id and d.state = :state)
    or exists (select 1 from archive d where d.post = p.id and d.state = :state)
    or :state = 'missed' and p.stage = 'draft'
    or :state = 'waiting' and exists (select 1 from plan where post = p.id and not cancelled))
order by p.active desc, p.id desc limit :limit

-- name: given_up
-- Posts with no delivery of kind POST that could still go out, or has.
select post from deliveries where kind = 'post' and post in (select value from json_each(:posts))
group by post having min(state) = 'cancelled' and max(state) = 'cancelled'

-- name: standing
-- States of the deliveries of kind POST that count; one that an edit took over has its state, and so
-- has one whose confirmation was taken back.
with recursive every as (
  select id, post, kind, counts, state, code, superseded_by from deliveries where post in (select value from json_each(:posts))
  union all
  select id, post, kind, counts, state, code, superseded_by from archive where post in (select value from json_each(:posts))),
chain (post, id) as (
  select post, id from every where kind = 'post' and counts
  union all
  select c.post, d.superseded_by from chain c join every d on d.id = c.id
  where (d.state = 'cancelled' or d.code = 'taken-back')
    and (select kind from every s where s.id = d.superseded_by) = 'edit')
select c.post, d.state, count(*) as count from chain c join every d on d.id = c.id
where not ((d.state = 'cancelled' or d.code = 'taken-back') and d.superseded_by is not null
    and (select kind from every s where s.id = d.superseded_by) = 'edit')
group by c.post, d.state

-- name: out
-- Channels in which something of a post is, or was.
select r.post, l.channel, max(r.removed_at is null) as live
from receipts r join lanes l on l.id = r.lane
where r.post in (select value from json_each(:posts)) group by r.post, r.lane order by r.post, r.lane

-- name: planned_counts
select post, sum(not cancelled) as waiting, sum(cancelled) as cancelled
from targets where post in (select value from json_each(:posts)) and not off group by post

-- name: deliveries
select * from delivery_rows where post = :post order by id

-- name: archived
select a.*, l.channel, l.account, l.chat as lane_chat,
  (select kind from archive s where s.post = a.post and s.id = a.superseded_by) as successor
from archive a join lanes l on l.id = a.lane where a.post = :post order by a.id

-- name: unknowns
select r.* from deliveries d join delivery_rows r on r.id = d.id
where d.stuck = 'unknown' order by d.sent_at, d.id

-- name: receipts
select * from receipts where post = :post order by lane, slot

-- name: attempts
select * from attempts where delivery in (select value from json_each(:deliveries)) order by id

-- name: counts
-- In one pass: to group by state would sort all rows.
select key as state, value as count from json_each((
  select json_object(
    'waiting', sum(state = 'waiting'), 'sending', sum(state = 'sending'),
    'delivered', sum(state = 'delivered'), 'unknown', sum(state = 'unknown'),
    'held', sum(state = 'held'), 'failed', sum(state = 'failed'),
    'missed', sum(state = 'missed'), 'cancelled', sum(state = 'cancelled'))
  from deliveries))
where value > 0

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
select min(at) from (
  select min(due) as at from scheduled
  union all select min(wake_at) from lanes where owner is null and wake_at is not null)

-- name: removals
-- Posts whose planned removal is due.
select id from posts where remove_at <= :now order by remove_at, id limit :limit
