-- Retention: removes rows that were settled long ago, in small batches.

-- name: old_posts
-- Posts settled before a time, in order; without held and unknown ones, and those with replies that are kept.
select p.id, p.due, (select count(*) from deliveries d where d.post = p.id)
    + (select count(*) from archive a where a.post = p.id) as deliveries
from posts p
where (p.due, p.id) > (:due, :id) and p.due < :before
  and (p.stage in ('fanned-out', 'cancelled', 'rejected') or p.stage = 'draft'
    and exists (select 1 from approvals a where a.post = p.id and a.verdict = 'lapsed'))
  and p.remove_at is null
  and not exists (
    select 1 from deliveries d where d.post = p.id
      and (d.state in ('waiting', 'sending', 'unknown', 'held') or d.done_at >= :before))
  and not exists (select 1 from posts a where a.reply_to = p.id)
order by p.due, p.id limit :limit

-- name: to_archive
-- Settled before a time, and with deliveries that are not archived yet.
select p.id, p.due, (select count(*) from deliveries d where d.post = p.id) as deliveries
from posts p
where p.due < :before
  and (p.stage in ('fanned-out', 'cancelled', 'rejected') or p.stage = 'draft'
    and exists (select 1 from approvals a where a.post = p.id and a.verdict = 'lapsed'))
  and not exists (
    select 1 from deliveries d where d.post = p.id
      and (d.state in ('waiting', 'sending', 'unknown', 'held') or d.done_at >= :before))
  and exists (select 1 from deliveries d where d.post = p.id) and p.remove_at is null
order by p.due, p.id limit :limit

-- name: archivable
-- The number of their deliveries.
select count(*) from deliveries d join posts p on p.id = d.post
where p.due < :before and p.stage = 'fanned-out' and p.remove_at is null
  and not exists (
    select 1 from deliveries o where o.post = p.id
      and (o.state in ('waiting', 'sending', 'unknown', 'held') or o.done_at >= :before))

-- name: put_archive
insert into archive (id, post, lane, kind, revision, rendering, lost, counts, state, step, steps, order_at, attempts, done_at, reason, code, superseded_by)
select id, post, lane, kind, revision, rendering, lost, counts, state, step, steps, order_at, attempts, done_at, reason, code, superseded_by
from deliveries where post in (select value from json_each(:posts))

-- name: archive
delete from archive where post in (select value from json_each(:posts))

-- name: attempts
delete from attempts where delivery in (
  select id from deliveries where post in (select value from json_each(:posts)))

-- name: receipts
delete from receipts where post in (select value from json_each(:posts))

-- name: deliveries
delete from deliveries where post in (select value from json_each(:posts))

-- name: plan
delete from plan where post in (select value from json_each(:posts))

-- name: approvals
delete from approvals where post in (select value from json_each(:posts))

-- name: versions
delete from versions where post in (select value from json_each(:posts))

-- name: remarks
delete from remarks where post in (select value from json_each(:posts))

-- name: posts
delete from posts where id in (select value from json_each(:posts))

-- name: uncounted
-- Deliveries of channels that were off when their post was planned, for which no person waits.
update deliveries set state = 'cancelled', done_at = :now, reason = :reason
where id in (
  select id from deliveries
  where stuck = 'held'
    and not counts and order_at < :before limit :limit)

-- name: old_keys
select count(*) from (select 1 from keys where created < :before limit :limit)

-- name: keys
delete from keys where key in (select key from keys where created < :before limit :limit)

-- name: handles
delete from handles where expires <= :now

-- name: told
delete from told where at < :before

-- name: daemons
delete from daemons where alive_until < :before

-- name: unused_renderings
-- Renderings that were not used lately and are referenced nowhere.
select digest from renderings
where used < :before
  and digest not in (select rendering from deliveries)
  and digest not in (select rendering from plan)
  and digest not in (select rendering from receipts)
  and digest not in (select rendering from archive where step > 0)

-- name: renderings
delete from renderings where used < :before and digest in (select value from json_each(:digests))

-- name: files
-- Every attached file that a post, a rendering or a schedule names.  What is damaged hides no other: only an
-- object is asked for its digest, and what cannot be read as text is named in hexadecimal.
select case when named glob '*[^ -~]*' or length(cast(named as blob)) <> length(named)
  then hex(named) else named end as digest,
  max(case typeof(size) when 'integer' then size end) as size from (
  select file->>'digest' as named, file->>'size' as size from (
    select case j.type when 'object' then j.value end as file
    from posts p, json_each(case when json_valid(p.media) then p.media end) j
    where p.media <> '[]'
    union
    select case j.type when 'object' then j.value end
    from versions v, json_each(case when json_valid(v.media) then v.media end) j
    where v.media <> '[]'
    union
    select case c.type when 'object' then c.value->'media' end
    from posts p, json_each(case when json_valid(p.converted) then p.converted end) c
    where p.converted <> '[]'
    union
    select case f.type when 'object' then f.value end
    from renderings r, json_each(case when json_valid(r.messages) then r.messages end) m,
      json_each(case m.type when 'object' then m.value end, '$.media') f
    union
    select case f.type when 'object' then f.value end
    from schedules s,
      json_each(case when json_valid(s.definition) then s.definition end, '$.attached') f)
  union
  select f.value, null
  from schedules s, json_each(case when json_valid(s.files) then s.files end) f)
where named is not null
group by 1
