-- Changes by people.  Each runs inside a transaction that also writes its audit row.

-- name: set_stage
update posts set stage = :stage where id = :post

-- name: unschedule
delete from scheduled where post = :post and due = (select due from posts where id = :post)

-- name: set_due
update posts set due = :due where id = :post

-- name: move
-- Only before any claim: the delivery's place in the lane changes, too.
update deliveries set order_at = :due, next_at = :due
where id in (select value from json_each(:ids)) and state = 'waiting' and tries = 0

-- name: of_post
select d.id from deliveries d join lanes l on l.id = d.lane
where d.post = :post
  and (:channels is null or l.channel in (select value from json_each(:channels)))
order by d.id

-- name: stuck
-- Deliveries in one of these states, newest first.
select d.id from deliveries d join lanes l on l.id = d.lane
where d.stuck in (select value from json_each(:states))
  and (:post is null or d.post = :post)
  and (:channels is null or l.channel in (select value from json_each(:channels)))
order by d.order_at desc, d.id desc

-- name: expired
select id from posts where expires <= :now and id in (select value from json_each(:posts))

-- name: renew
update deliveries set deadline = j.value->>'deadline', counts = 1
from json_each(:rows) j where deliveries.id = j.value->>'delivery'

-- name: set_text
update posts set source = :source, texts = :texts where id = :post

-- name: set_media
update posts set media = :media, converted = :converted where id = :post

-- name: lift_gates
delete from gates where cause = :cause and (
  scope = 'all' and :every
  or scope = 'account' and name in (select value from json_each(:accounts))
  or scope = 'channel' and name in (select value from json_each(:channels)))
returning scope, name

-- name: gated_lanes
select id, channel, parked from lanes
where :every or account in (select value from json_each(:accounts))
  or channel in (select value from json_each(:channels))

-- name: hold_waiting
-- Deliveries that the sweep has not marked yet.
update deliveries set state = 'held', open = null, done_at = :now, reason = :reason,
  held_by = (select parked from lanes l where l.id = deliveries.lane)
where open is not null and state = 'waiting' and lane in (select value from json_each(:lanes))

-- name: still_held
-- Another gate of the lane is closed: held by that one now.
update deliveries set held_by = (select parked from lanes l where l.id = deliveries.lane)
where stuck = 'held' and held_by = :cause
  and lane in (select value from json_each(:lanes))

-- name: take_over
-- Deliveries behind this gate and another that is still closed are held by this one alone.
update deliveries set held_by = :cause
where stuck = 'held'
  and held_by = (select parked from lanes l where l.id = deliveries.lane)
  and lane in (select value from json_each(:lanes))

-- name: let_go
update deliveries set state = 'waiting', open = 1, held_by = null, done_at = null, reason = '',
  next_at = :now
where stuck = 'held' and held_by = :cause
  and counts and lane in (select value from json_each(:lanes))
returning id

-- name: drop
update deliveries set state = 'cancelled', done_at = :now, reason = :reason
where stuck = 'held' and held_by = :cause
  and lane in (select value from json_each(:lanes))
returning id

-- name: gates_of_config
select name, cause from gates where scope = 'channel' and cause in ('config', 'gone')

-- name: lane_accounts
select channel, account from lanes

-- name: put_health
insert into accounts (name, breaker, failures, retry_at, reason, noted_by)
values (:account, :breaker, :failures, :retry_at, :reason, :by)
on conflict do update set breaker = excluded.breaker, failures = excluded.failures,
  retry_at = excluded.retry_at, reason = excluded.reason, noted_by = excluded.noted_by
where (breaker, failures, retry_at, accounts.reason, noted_by)
  is not (excluded.breaker, excluded.failures, excluded.retry_at, excluded.reason,
          excluded.noted_by)

-- name: set_removal
update posts set remove_at = :remove_at where id = :post
