-- Queueing a post and making its deliveries.

-- name: key
select k.fingerprint, k.post, p.source from keys k left join posts p on p.id = k.post
where k.key = %(key)s

-- name: put_key
insert into keys (key, fingerprint, post, created)
values (%(key)s, %(fingerprint)s, %(post)s, %(now)s)

-- name: put_post
insert into posts (source, media, converted, options, texts, due, created, expires, stage, reply_to, author, key,
  slot, remove_at, door, active, words, corrects)
values (%(source)s, %(media)s, %(converted)s, %(options)s, %(texts)s, %(due)s, %(now)s, %(expires)s, %(stage)s,
  %(reply_to)s, %(author)s, %(key)s, %(slot)s, %(remove_at)s, %(door)s, %(now)s, %(words)s, %(corrects)s)
returning id

-- name: put_lanes
-- For `fans`, or rows that begin as they do; where posts differ in a channel's account, the last one is
-- right.  The gates may know a channel before its first post does; most channels have their lane already,
-- and are not locked.
insert into lanes (channel, account, parked)
select named.channel, named.account, (
    select cause from gates g
    where g.scope = 'all'
       or g.scope = 'account' and g.name = named.account
       or g.scope = 'channel' and g.name = named.channel
    order by case cause when 'halt' then 0 when 'off' then 1 when 'config' then 2 when 'gone' then 3
             when 'unauthorized' then 4 else 5 end limit 1)
from (
  select distinct on (c.key) c.key as channel, f->>'account' as account, c.value::bigint as position
  from jsonb_array_elements(%(fans)s::jsonb) f
  cross join jsonb_each_text(f->'channels') c
  order by c.key, (f->>'post')::bigint desc) named
left join lanes l on l.channel = named.channel
where l.account is distinct from named.account
order by named.account, named.position
on conflict (channel) do update set account = excluded.account
where lanes.account <> excluded.account

-- name: put_scheduled
insert into scheduled (due, post) values (%(due)s, %(post)s)

-- name: fan_out
-- A delivery whose gate is closed is born held; one that was off when planned does not count.
insert into deliveries (post, lane, kind, revision, rendering, steps, lost, deadline, counts,
  state, open, held_by, reason, order_at, next_at)
select post, lane, 'post', revision, rendering, steps, lost, deadline, not off,
  case when cause is null then 'waiting' else 'held' end,
  case when cause is null then true end,
  cause,
  case when cause is null then '' else 'its gate was closed when it was due' end, due, due
from (
  select p.id as post, p.revision, p.due, l.id as lane, f->>'rendering' as rendering,
    (f->>'steps')::bigint as steps, f->>'lost' as lost, (f->>'deadline')::bigint as deadline,
    (f->>'off')::boolean as off, c.value::bigint as position,
    case when (f->>'off')::boolean then coalesce(l.parked, 'config') else l.parked end as cause
  from jsonb_array_elements(%(fans)s::jsonb) f
  join posts p on p.id = (f->>'post')::bigint
  cross join jsonb_each(f->'channels') c
  join lanes l on l.channel = c.key) planned
order by post, position

-- name: fanned_out
update posts set stage = 'fanned-out', active = greatest(active, due)
where id = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: drop_scheduled
delete from scheduled
where due <= %(now)s and post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: nudge
-- The notification that a daemon listens to: a person has written.
with grown as (update meta set value = to_jsonb(value::bigint + 1) where key = 'age')
select pg_notify('broadcaster', '')

-- name: written
-- Posts of one person that were queued after a time.
select count(*) from posts where author = %(author)s and created > %(since)s

-- name: slots_taken
-- Due times of a list of slots that posts have taken.
select due from posts
where slot = %(slot)s and due >= %(since)s and stage not in ('cancelled', 'rejected')
