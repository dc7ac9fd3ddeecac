-- Lanes and their clocks.  Every change of a line ends with `free` or `wake`.

-- name: slow_down
-- Send nothing to these channels before a time, because of their rate or a cool-down.
update lanes set not_before = greatest(not_before, (j->>'until')::bigint)
from jsonb_array_elements(%(lanes)s::jsonb) j where lanes.id = (j->>'lane')::bigint

-- name: pace
-- Delay the next message after one was sent: GCRA, as in the program's `gcra`.
update lanes set tat = greatest(tat, %(now)s) + (j->>'interval')::bigint,
  not_before = greatest(not_before,
    greatest(tat, %(now)s) + (j->>'interval')::bigint - (j->>'slack')::bigint)
from jsonb_array_elements(%(lanes)s::jsonb) j where lanes.id = (j->>'lane')::bigint

-- name: free
-- End a lease; the lane gets the clock of its new head.
update lanes set owner = null, delivery = null, waits_for = null,
  wake_at = case when parked is null then (
    select greatest(d.next_at, lanes.not_before) from deliveries d
    where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1) end
where lanes.id = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint))

-- name: wake
-- Set the clocks of lanes without a lease again, as `free` does.
update lanes set waits_for = null,
  wake_at = case when parked is null then (
    select greatest(d.next_at, lanes.not_before) from deliveries d
    where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1) end
where lanes.id = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint)) and owner is null

-- name: wake_new
-- The same after a fan-out; a lane that is due already needs no new clock.
update lanes set waits_for = null,
  wake_at = (
    select greatest(d.next_at, lanes.not_before) from deliveries d
    where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1)
where id = any(array(
    select lane from deliveries
    where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))))
  and owner is null and parked is null and (wake_at is null or wake_at > %(now)s)

-- name: uploads_end
-- End the uploads of these lanes.
delete from uploads where lane = any(array(select jsonb_array_elements(%(lanes)s::jsonb)::bigint))
returning account, file

-- name: uploads_awaited
select id from lanes where account = %(account)s and waits_for = %(file)s

-- name: permits_awaited
-- The earliest deadline comes first, because a message without a look is never found.
select id from lanes where account = %(account)s and waits_for = %(permit)s
order by wake_at, id limit %(count)s

-- name: wait_for
update lanes set waits_for = j->>'awaited', wake_at = (j->>'until')::bigint
from jsonb_array_elements(%(lanes)s::jsonb) j where lanes.id = (j->>'lane')::bigint

-- name: lease
-- `delivery`: the leased one; after a recall took an earlier place, it is not the head.
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
