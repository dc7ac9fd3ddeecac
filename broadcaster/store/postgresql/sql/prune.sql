-- Retention: removes rows that were settled long ago, in small batches.

-- name: old_posts
-- Posts settled before a time, in order; without held and unknown ones, and those with replies that are kept.
select p.id, p.due, (select count(*) from deliveries d where d.post = p.id)
    + (select count(*) from archive a where a.post = p.id) as deliveries
from posts p
where (p.due, p.id) > (%(due)s, %(id)s) and p.due < %(before)s
  and (p.stage in ('fanned-out', 'cancelled', 'rejected') or p.stage = 'draft'
    and exists (select 1 from approvals a where a.post = p.id and a.verdict = 'lapsed'))
  and p.remove_at is null
  and not exists (
    select 1 from deliveries d where d.post = p.id
      and (d.state in ('waiting', 'sending', 'unknown', 'held') or d.done_at >= %(before)s))
  and not exists (select 1 from posts a where a.reply_to = p.id)
order by p.due, p.id limit %(limit)s

-- name: to_archive
-- Settled before a time, and with deliveries that are not archived yet.
select p.id, p.due, (select count(*) from deliveries d where d.post = p.id) as deliveries
from posts p
where p.due < %(before)s
  and (p.stage in ('fanned-out', 'cancelled', 'rejected') or p.stage = 'draft'
    and exists (select 1 from approvals a where a.post = p.id and a.verdict = 'lapsed'))
  and not exists (
    select 1 from deliveries d where d.post = p.id
      and (d.state in ('waiting', 'sending', 'unknown', 'held') or d.done_at >= %(before)s))
  and exists (select 1 from deliveries d where d.post = p.id) and p.remove_at is null
order by p.due, p.id limit %(limit)s

-- name: archivable
-- The number of their deliveries.
select count(*) from deliveries d join posts p on p.id = d.post
where p.due < %(before)s and p.stage = 'fanned-out' and p.remove_at is null
  and not exists (
    select 1 from deliveries o where o.post = p.id
      and (o.state in ('waiting', 'sending', 'unknown', 'held') or o.done_at >= %(before)s))

-- name: put_archive
insert into archive (id, post, lane, kind, revision, rendering, lost, counts, state, step, steps, order_at, attempts, done_at, reason, code, superseded_by)
select id, post, lane, kind, revision, rendering, lost, counts, state, step, steps, order_at, attempts, done_at, reason, code, superseded_by
from deliveries where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: archive
delete from archive where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: attempts
delete from attempts where delivery in (
  select id from deliveries
  where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)))

-- name: receipts
delete from receipts where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: deliveries
delete from deliveries where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: plan
delete from plan where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: approvals
delete from approvals where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: versions
delete from versions where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: remarks
delete from remarks where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: posts
delete from posts where id = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))

-- name: uncounted
-- Deliveries of channels that were off when their post was planned, for which no person waits.
update deliveries set state = 'cancelled', done_at = %(now)s, reason = %(reason)s
where id in (
  select id from deliveries
  where stuck = 'held' and not counts and order_at < %(before)s limit %(limit)s)

-- name: old_keys
-- A limit below 0 is none.
select count(*) from (
  select 1 from keys where created < %(before)s
  limit case when %(limit)s >= 0 then %(limit)s end) found

-- name: keys
delete from keys where key in (
  select key from keys where created < %(before)s limit %(limit)s)

-- name: handles
delete from handles where expires <= %(now)s

-- name: told
delete from told where at < %(before)s

-- name: daemons
delete from daemons where alive_until < %(before)s

-- name: unused_renderings
-- Renderings that were not used lately and are referenced nowhere.
select digest from renderings r
where used < %(before)s
  and not exists (select 1 from deliveries d where d.rendering = r.digest)
  and not exists (select 1 from plan p where p.rendering = r.digest)
  and not exists (select 1 from receipts x where x.rendering = r.digest)
  and not exists (select 1 from archive a where a.rendering = r.digest and a.step > 0)

-- name: renderings
delete from renderings
where used < %(before)s and digest in (select jsonb_array_elements_text(%(digests)s::jsonb))

-- name: files
-- Every attached file that a post, a rendering or a schedule names.
select digest, max(case when size ~ '^[0-9]{1,18}$' then size::bigint end) as size from (
select f->>'digest' as digest, f->>'size' as size
from posts p, jsonb_array_elements(readable(p.media, 'array')) f
where p.media <> '[]'
union
select c->'media'->>'digest', c->'media'->>'size'
from posts p, jsonb_array_elements(readable(p.converted, 'array')) c
where p.converted <> '[]'
union
select f->>'digest', f->>'size'
from versions v, jsonb_array_elements(readable(v.media, 'array')) f
where v.media <> '[]'
union
select f->>'digest', f->>'size'
from renderings r, jsonb_array_elements(readable(r.messages, 'array')) m,
  jsonb_array_elements(case jsonb_typeof(m->'media') when 'array' then m->'media' end) f
where r.messages like '%%"media"%%'
union
select f->>'digest', f->>'size'
from (select readable(definition, 'object')->'attached' as files from schedules) s,
  jsonb_array_elements(case jsonb_typeof(files) when 'array' then files end) f
union
select f, null from schedules s, jsonb_array_elements_text(readable(s.files, 'array')) f) named
where digest is not null
group by digest
