-- Lanes and their clocks.  Every change of a line ends with `free` or `wake`.

-- name: slow_down
-- Send nothing to these channels before a time, because of their rate or a cool-down.
update lanes set not_before = max(not_before, j.value->>'until')
from json_each(:lanes) j where lanes.id = j.value->>'lane'

-- name: pace
-- Delay the next message after one was sent: GCRA, as in the program's `gcra`.
update lanes set tat = max(tat, :now) + j.value->>'interval',
  not_before = max(not_before, max(tat, :now) + j.value->>'interval' - j.value->>'slack')
from json_each(:lanes) j where lanes.id = j.value->>'lane'

-- name: free
-- End a lease; the lane gets the clock of its new head.
update lanes set owner = null, delivery = null, waits_for = null,
  wake_at = case when parked is null then (
    select max(d.next_at, lanes.not_before) from deliveries d
    where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1) end
from json_each(:lanes) j where lanes.id = j.value

-- name: wake
-- Set the clocks of lanes without a lease again, as `free` does.
update lanes set waits_for = null,
  wake_at = case when parked is null then (
    select max(d.next_at, lanes.not_before) from deliveries d
    where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1) end
from json_each(:lanes) j where lanes.id = j.value and owner is null

-- name: wake_new
-- The same after a fan-out; a lane that is due already needs no new clock.
update lanes set waits_for = null,
  wake_at = (
    select max(d.next_at, lanes.not_before) from deliveries d
    where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1)
where id in (select distinct lane from deliveries where post in (select value from json_each(:posts)))
  and owner is null and parked is null and (wake_at is null or wake_at > :now)

-- name: uploads_end
-- End the uploads of these lanes.
delete from uploads where lane in (select value from json_each(:lanes)) returning account, file

-- name: uploads_awaited
select id from lanes where account = :account and waits_for = :file

-- name: permits_awaited
-- The earliest deadline comes first, because a message without a look is never found.
select id from lanes where account = :account and waits_for = :permit order by wake_at, id limit :count

-- name: wait_for
update lanes set waits_for = j.value->>'awaited', wake_at = j.value->>'until'
from json_each(:lanes) j where lanes.id = j.value->>'lane'

-- name: lease
-- `delivery`: the leased one; after a recall took an earlier place, it is not the head.
update lanes set owner = :owner, wake_at = :until, delivery = j.value->>'delivery', waits_for = null,
  fence = fence + 1
from json_each(:lanes) j where lanes.id = j.value->>'lane' and owner is null

-- name: park
-- The strongest closed gate of each lane, for the lanes of these accounts and channels (null: all).
update lanes set parked = (
    select cause from gates g
    where g.scope = 'all'
       or g.scope = 'account' and g.name = lanes.account
       or g.scope = 'channel' and g.name = lanes.channel
    order by case cause when 'halt' then 0 when 'off' then 1 when 'config' then 2 when 'gone' then 3
             when 'unauthorized' then 4 else 5 end limit 1)
where :accounts is null
   or account in (select value from json_each(:accounts))
   or channel in (select value from json_each(:channels))
returning id

-- name: prolong
update lanes set wake_at = :until
from json_each(:lanes) j
where lanes.channel = j.value->>'channel' and lanes.fence = j.value->>'fence' and lanes.owner = :owner
returning channel, fence

-- name: leased
select id, delivery from lanes where owner is not null
