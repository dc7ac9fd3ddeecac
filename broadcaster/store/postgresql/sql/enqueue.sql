-- From a person's post to its deliveries.

-- name: key
select k.fingerprint, k.post, p.source from keys k left join posts p on p.id = k.post
where k.key = %(key)s

-- name: put_key
insert into keys (key, fingerprint, post, created)
values (%(key)s, %(fingerprint)s, %(post)s, %(now)s)

-- name: put_post
insert into posts (source, media, options, texts, due, created, expires, stage, reply_to, author, key)
values (%(source)s, %(media)s, %(options)s, %(texts)s, %(due)s, %(now)s, %(expires)s, %(stage)s,
  %(reply_to)s, %(author)s, %(key)s)
returning id

-- name: put_lanes
-- The gates may know a channel before its first post does.
insert into lanes (channel, account, parked)
select t->>1, t->>2, (
    select cause from gates g
    where g.scope = 'all'
       or g.scope = 'account' and g.name = t->>2
       or g.scope = 'channel' and g.name = t->>1
    order by case cause when 'halt' then 0 when 'off' then 1 when 'config' then 2 when 'gone' then 3
             when 'unauthorized' then 4 else 5 end limit 1)
from jsonb_array_elements(%(targets)s::jsonb) with ordinality e (t, n)
order by n
on conflict (channel) do update set account = excluded.account
where lanes.account <> excluded.account

-- name: put_plan
insert into plan (post, position, channel, account, rendering, lost, deadline, off)
select (t->>0)::bigint, n - 1, t->>1, t->>2, t->>3, t->>5, (t->>6)::bigint, (t->>7)::boolean
from jsonb_array_elements(%(targets)s::jsonb) with ordinality e (t, n)

-- name: put_scheduled
insert into scheduled (due, post) values (%(due)s, %(post)s)

-- name: due
select post from scheduled where due <= %(now)s order by due, post limit %(limit)s

-- name: planned
-- Targets of planned posts, in the form `fan_out` takes.
select coalesce(jsonb_agg(
  jsonb_build_array(post, channel, account, rendering, steps, lost, deadline, off::int)
  order by post, position), '[]')::text
from (
  select p.*, jsonb_array_length(r.messages::jsonb) as steps
  from plan p join renderings r on r.digest = p.rendering
  where p.post in (select jsonb_array_elements(%(posts)s::jsonb)::bigint) and not p.cancelled) p

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
  select p.id as post, p.revision, p.due, l.id as lane, t->>3 as rendering,
    (t->>4)::bigint as steps, t->>5 as lost, (t->>6)::bigint as deadline,
    (t->>7)::boolean as off, n,
    case when (t->>7)::boolean then coalesce(l.parked, 'config') else l.parked end as cause
  from jsonb_array_elements(%(targets)s::jsonb) with ordinality e (t, n)
  join posts p on p.id = (t->>0)::bigint
  join lanes l on l.channel = t->>1) planned
order by n

-- name: fanned_out
update posts set stage = 'fanned-out'
where id in (select jsonb_array_elements(%(posts)s::jsonb)::bigint)

-- name: drop_plan
delete from plan
where post in (select jsonb_array_elements(%(posts)s::jsonb)::bigint) and not cancelled

-- name: drop_scheduled
delete from scheduled
where due <= %(now)s and post in (select jsonb_array_elements(%(posts)s::jsonb)::bigint)

-- name: nudge
-- What a daemon listens to: a person wrote.
with grown as (update meta set value = to_jsonb(value::bigint + 1) where key = 'age')
select pg_notify('broadcaster', '')
