-- Changes by people.  Each runs inside a transaction that also writes its audit row.

-- name: set_stage
update posts set stage = %(stage)s where id = %(post)s

-- name: unschedule
delete from scheduled
where post = %(post)s and due = (select due from posts where id = %(post)s)

-- name: set_due
update posts set due = %(due)s where id = %(post)s

-- name: move
-- Only before any claim: the delivery's place in the lane changes, too.
update deliveries set order_at = %(due)s, next_at = %(due)s
where id = any(array(select jsonb_array_elements(%(ids)s::jsonb)::bigint))
  and state = 'waiting' and tries = 0

-- name: of_post
select d.id from deliveries d join lanes l on l.id = d.lane
where d.post = %(post)s
  and (%(channels)s::jsonb is null
       or l.channel in (select jsonb_array_elements_text(%(channels)s::jsonb)))
order by d.id

-- name: stuck
-- Deliveries in one of these states, newest first.
select d.id from deliveries d join lanes l on l.id = d.lane
where d.stuck in (select jsonb_array_elements_text(%(states)s::jsonb))
  and (%(post)s::bigint is null or d.post = %(post)s)
  and (%(channels)s::jsonb is null
       or l.channel in (select jsonb_array_elements_text(%(channels)s::jsonb)))
order by d.order_at desc, d.id desc

-- name: expired
select id from posts
where expires <= %(now)s and id = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: renew
update deliveries set deadline = (j->>'deadline')::bigint, counts = true
from jsonb_array_elements(%(rows)s::jsonb) j where deliveries.id = (j->>'delivery')::bigint

-- name: set_text
update posts set source = %(source)s, texts = %(texts)s where id = %(post)s

-- name: set_media
update posts set media = %(media)s, converted = %(converted)s where id = %(post)s

-- name: lift_gates
delete from gates where cause = %(cause)s and (
  scope = 'all' and %(every)s
  or scope = 'account' and name in (select jsonb_array_elements_text(%(accounts)s::jsonb))
  or scope = 'channel' and name in (select jsonb_array_elements_text(%(channels)s::jsonb)))
returning scope, name

-- name: gated_lanes
select id, channel, parked from lanes
where %(every)s or account in (select jsonb_array_elements_text(%(accounts)s::jsonb))
  or channel in (select jsonb_array_elements_text(%(channels)s::jsonb))
order by id

-- name: hold_waiting
-- Deliveries that the sweep has not marked yet.
update deliveries set state = 'held', open = null, done_at = %(now)s, reason = %(reason)s,
  held_by = (select parked from lanes l where l.id = deliveries.lane)
where open is not null and state = 'waiting'
  and lane = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint))

-- name: still_held
-- Another gate of the lane is closed: held by that one now.
update deliveries set held_by = (select parked from lanes l where l.id = deliveries.lane)
where stuck = 'held' and held_by = %(cause)s
  and lane = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint))

-- name: take_over
-- Deliveries behind this gate and another that is still closed are held by this one alone.
update deliveries set held_by = %(cause)s
where stuck = 'held' and held_by = (select parked from lanes l where l.id = deliveries.lane)
  and lane = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint))

-- name: let_go
update deliveries set state = 'waiting', open = true, held_by = null, done_at = null, reason = '',
  next_at = %(now)s
where stuck = 'held' and held_by = %(cause)s and counts
  and lane = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint))
returning id

-- name: drop
update deliveries set state = 'cancelled', done_at = %(now)s, reason = %(reason)s
where stuck = 'held' and held_by = %(cause)s
  and lane = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint))
returning id

-- name: gates_of_config
select name, cause from gates where scope = 'channel' and cause in ('config', 'gone')

-- name: lane_accounts
select channel, account from lanes

-- name: put_health
insert into accounts (name, breaker, failures, retry_at, reason, noted_by)
values (%(account)s, %(breaker)s, %(failures)s, %(retry_at)s, %(reason)s, %(by)s)
on conflict (name) do update set breaker = excluded.breaker, failures = excluded.failures,
  retry_at = excluded.retry_at, reason = excluded.reason, noted_by = excluded.noted_by
where (accounts.breaker, accounts.failures, accounts.retry_at, accounts.reason, accounts.noted_by)
  is distinct from (excluded.breaker, excluded.failures, excluded.retry_at, excluded.reason,
                    excluded.noted_by)

-- name: set_removal
update posts set remove_at = %(remove_at)s where id = %(post)s
