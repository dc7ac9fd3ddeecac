-- From a person's post to its deliveries.

-- name: key
select k.fingerprint, k.post, p.source from keys k left join posts p on p.id = k.post
where k.key = :key

-- name: put_key
insert into keys (key, fingerprint, post, created) values (:key, :fingerprint, :post, :now)

-- name: put_post
insert into posts (source, media, options, texts, due, created, expires, stage, reply_to, author, key)
values (:source, :media, :options, :texts, :due, :now, :expires, :stage, :reply_to, :author, :key)
returning id

-- name: put_lanes
-- The gates may know a channel before its first post does.
insert into lanes (channel, account, parked)
select t.value->>1, t.value->>2, (
    select cause from gates g
    where g.scope = 'all'
       or g.scope = 'account' and g.name = t.value->>2
       or g.scope = 'channel' and g.name = t.value->>1
    order by case cause when 'halt' then 0 when 'off' then 1 when 'config' then 2 when 'gone' then 3
             when 'unauthorized' then 4 else 5 end limit 1)
from json_each(:targets) t where true
on conflict (channel) do update set account = excluded.account where account <> excluded.account

-- name: put_plan
insert into plan (post, position, channel, account, rendering, lost, deadline, off)
select value->>0, key, value->>1, value->>2, value->>3, value->>5, value->>6, value->>7
from json_each(:targets)

-- name: put_scheduled
insert into scheduled (due, post) values (:due, :post)

-- name: due
select post from scheduled where due <= :now order by due, post limit :limit

-- name: planned
-- Targets of planned posts, in the form `fan_out` takes.
select json_group_array(json_array(post, channel, account, rendering, steps, lost, deadline, off))
from (
  select p.*, json_array_length(r.messages) as steps
  from plan p join renderings r on r.digest = p.rendering
  where p.post in (select value from json_each(:posts)) and not p.cancelled
  order by p.post, p.position)

-- name: fan_out
-- A delivery whose gate is closed is born held; one that was off when planned does not count.
insert into deliveries (post, lane, kind, revision, rendering, steps, lost, deadline, counts,
  state, open, held_by, reason, order_at, next_at)
select post, lane, 'post', revision, rendering, steps, lost, deadline, not off,
  iif(cause is null, 'waiting', 'held'), iif(cause is null, 1, null), cause,
  iif(cause is null, '', 'its gate was closed when it was due'), due, due
from (
  select p.id as post, p.revision, p.due, l.id as lane, t.value->>3 as rendering,
    t.value->>4 as steps, t.value->>5 as lost, t.value->>6 as deadline, t.value->>7 as off,
    iif(t.value->>7, coalesce(l.parked, 'config'), l.parked) as cause
  from json_each(:targets) t
  join posts p on p.id = t.value->>0
  join lanes l on l.channel = t.value->>1)

-- name: fanned_out
update posts set stage = 'fanned-out' where id in (select value from json_each(:posts))

-- name: drop_plan
delete from plan where post in (select value from json_each(:posts)) and not cancelled

-- name: drop_scheduled
delete from scheduled where due <= :now and post in (select value from json_each(:posts))

-- name: nudge
-- What a daemon looks at: a person wrote.
update meta set value = value + 1 where key in ('changes', 'age')
