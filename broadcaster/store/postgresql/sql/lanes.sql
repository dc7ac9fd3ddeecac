-- Lanes: the clock of the queue.  Every change of a line ends with `free` or `wake`.

-- name: slow_down
-- Nothing more to these channels before a time: their pace, or a cool-down.
update lanes set not_before = greatest(not_before, (j->>'until')::bigint)
from jsonb_array_elements(%(lanes)s::jsonb) j where lanes.id = (j->>'lane')::bigint

-- name: pace
-- A message has left: GCRA, as in the program's `gcra`.
update lanes set tat = greatest(tat, %(now)s) + (j->>'interval')::bigint,
  not_before = greatest(not_before,
    greatest(tat, %(now)s) + (j->>'interval')::bigint - (j->>'slack')::bigint)
from jsonb_array_elements(%(lanes)s::jsonb) j where lanes.id = (j->>'lane')::bigint

-- name: free
-- End a lease: the lane's clock is its new head's.
update lanes set owner = null, delivery = null, waits_for = null,
  wake_at = case when parked is null then (
    select greatest(d.next_at, lanes.not_before) from deliveries d
    where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1) end
where lanes.id = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint))

-- name: wake
-- Set the clock of lanes that nobody holds anew, as `free` does.
update lanes set waits_for = null,
  wake_at = case when parked is null then (
    select greatest(d.next_at, lanes.not_before) from deliveries d
    where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1) end
where lanes.id = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint)) and owner is null

-- name: wake_new
-- The same after a fan-out: a lane that is due already finds its new delivery by itself.
update lanes set waits_for = null,
  wake_at = (
    select greatest(d.next_at, lanes.not_before) from deliveries d
    where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1)
where id = any(array(
    select lane from deliveries
    where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))))
  and owner is null and parked is null and (wake_at is null or wake_at > %(now)s)

-- name: uploads_end
-- These lanes no longer upload anything.
delete from uploads where lane = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint))
returning account, file

-- name: uploads_awaited
select id from lanes where account = %(account)s and waits_for = %(file)s

-- name: permits_awaited
-- Whose time is up first comes first: a look that never comes is a post that is never found.
select id from lanes where account = %(account)s and waits_for = %(permit)s
order by wake_at, id limit %(count)s

-- name: wait_for
update lanes set waits_for = j->>'awaited', wake_at = (j->>'until')::bigint
from jsonb_array_elements(%(lanes)s::jsonb) j where lanes.id = (j->>'lane')::bigint

-- name: lease
-- `delivery` says what for: with a recall in an earlier place, the head need not be on the wire.
update lanes set owner = %(owner)s, leased_until = %(until)s, delivery = (j->>'delivery')::bigint,
  waits_for = null, fence = fence + 1
from jsonb_array_elements(%(lanes)s::jsonb) j
where lanes.id = (j->>'lane')::bigint and owner is null

-- name: park
-- The strongest closed gate of each lane, for the lanes of these accounts and channels (null: all).
update lanes set parked = (
    select cause from gates g
    where g.scope = 'all'
       or g.scope = 'account' and g.name = lanes.account
       or g.scope = 'channel' and g.name = lanes.channel
    order by case cause when 'halt' then 0 when 'off' then 1 when 'config' then 2 when 'gone' then 3
             when 'unauthorized' then 4 else 5 end limit 1)
where %(accounts)s::jsonb is null
   or account in (select jsonb_array_elements_text(%(accounts)s::jsonb))
   or channel in (select jsonb_array_elements_text(%(channels)s::jsonb))
returning id

-- name: prolong
update lanes set leased_until = %(until)s
from jsonb_array_elements(%(lanes)s::jsonb) j
where lanes.channel = j->>'channel' and lanes.fence = (j->>'fence')::bigint and lanes.owner = %(owner)s
returning channel, fence

-- name: leased
select id, delivery from lanes where owner is not null
