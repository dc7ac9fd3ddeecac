-- Queueing a post and making its deliveries.

-- name: key
select k.fingerprint, k.post, p.source from keys k left join posts p on p.id = k.post
where k.key = :key

-- name: put_key
insert into keys (key, fingerprint, post, created) values (:key, :fingerprint, :post, :now)

-- name: put_post
insert into posts (source, media, converted, options, texts, due, created, expires, stage, reply_to, author, key,
  slot, remove_at, door, active, words, corrects)
values (:source, :media, :converted, :options, :texts, :due, :now, :expires, :stage, :reply_to, :author, :key,
  :slot, :remove_at, :door, :now, :words, :corrects)
returning id

-- name: put_lanes
-- For `fans`, or rows that begin as they do; where posts differ in a channel's account, the last one is
-- right.  The gates may know a channel before its first post does; most channels have their lane already.
insert into lanes (channel, account, parked)
select channel, account, (
    select cause from gates g
    where g.scope = 'all'
       or g.scope = 'account' and g.name = account
       or g.scope = 'channel' and g.name = channel
    order by case cause when 'halt' then 0 when 'off' then 1 when 'config' then 2 when 'gone' then 3
             when 'unauthorized' then 4 else 5 end limit 1)
from (
  select c.key as channel, f.account, c.value as position, max(f.post)
  from (select value->>'account' as account, value->'channels' as channels, coalesce(value->>'post',
  0) as post
        from json_each(:fans) limit -1) f
  join json_each(f.channels) c
  group by c.key) named
where not exists (
  select 1 from lanes l where l.channel = named.channel and l.account = named.account)
order by account, position
on conflict (channel) do update set account = excluded.account where account <> excluded.account

-- name: put_scheduled
insert into scheduled (due, post) values (:due, :post)

-- name: fan_out
-- A delivery whose gate is closed is born held; one that was off when planned does not count.
insert into deliveries (post, lane, kind, revision, rendering, steps, lost, deadline, counts,
  state, open, held_by, reason, order_at, next_at)
select post, lane, 'post', revision, rendering, steps, lost, deadline, not off,
  iif(cause is null, 'waiting', 'held'), iif(cause is null, 1, null), cause,
  iif(cause is null, '', 'its gate was closed when it was due'), due, due
from (
  select p.id as post, p.revision, p.due, l.id as lane, f.rendering, f.steps, f.lost, f.deadline,
    f.off, iif(f.off, coalesce(l.parked, 'config'), l.parked) as cause
  from (
    select value->'channels' as channels, value->>'post' as post, value->>'rendering' as rendering,
    value->>'steps' as steps,
      value->>'lost' as lost, value->>'deadline' as deadline, value->>'off' as off
    from json_each(:fans) limit -1) f  -- the limit: taken apart once, not for each channel
  join posts p on p.id = f.post
  join json_each(f.channels) c
  join lanes l on l.channel = c.key
  order by p.id, c.value)

-- name: fanned_out
update posts set stage = 'fanned-out', active = max(active, due) where id in (select value from json_each(:posts))

-- name: drop_scheduled
delete from scheduled where due <= :now and post in (select value from json_each(:posts))

-- name: nudge
-- The counter that a daemon watches: a person has written.
update meta set value = value + 1 where key in ('changes', 'age')

-- name: written
-- Posts of one person that were queued after a time.
select count(*) from posts where author = :author and created > :since

-- name: slots_taken
-- Due times of a list of slots that posts have taken.
select due from posts
where slot = :slot and due >= :since and stage not in ('cancelled', 'rejected')
