-- Edits, recalls and pins: deliveries that act on messages of an earlier one.

-- name: next_revision
update posts set revision = revision + 1 where id = %(post)s returning revision

-- name: insert
-- In its original's place, and in the chat where that stands; held where its lane is parked, unless it stands aside until an outcome.
insert into deliveries (post, lane, kind, revision, rendering, steps, lost, state, open, held_by,
  reason, order_at, next_at, chat)
select d.post, d.lane, %(kind)s, %(revision)s, %(rendering)s, %(steps)s, %(lost)s,
  case when l.parked is null or %(aside)s = 1 then 'waiting' else 'held' end,
  case when l.parked is null and %(aside)s = 0 then true end,
  case when %(aside)s = 0 then l.parked end, '', d.order_at, %(now)s,
  coalesce((select chat from receipts r where r.post = d.post and r.lane = d.lane
    and r.removed_at is null order by slot limit 1), d.chat)
from deliveries d join lanes l on l.id = d.lane
where d.id = %(original)s
returning id
