-- The versions of a post's text, and events that have no delivery.

-- name: versions
select * from versions where post = %(post)s order by number

-- name: latest_version
select coalesce(max(number), 0) from versions where post = %(post)s

-- name: put_version
insert into versions (post, number, revision, source, texts, media, options, digest, by, door, at)
values (%(post)s, %(number)s, %(revision)s, %(source)s, %(texts)s, %(media)s, %(options)s, %(digest)s, %(by)s, %(door)s, %(at)s)

-- name: set_words
update posts set words = %(words)s where id = %(post)s

-- name: remarks
select * from remarks where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) order by post, number

-- name: put_remarks
insert into remarks (post, number, channel, what, version, why, by, door, at)
select %(post)s, place + (select coalesce(max(number), 0) from remarks where post = %(post)s),
  j->>'channel', %(what)s, %(version)s, j->>'why', %(by)s, %(door)s, %(now)s
from jsonb_array_elements(%(rows)s::jsonb) with ordinality t (j, place)

-- name: touch
update posts set active = %(now)s
where id = %(post)s or id in (
  select post from deliveries
  where id = any(array(select jsonb_array_elements(%(deliveries)s::jsonb)::bigint)))

-- name: corrections
select p.id, l.channel from posts p join deliveries d on d.post = p.id and d.kind = 'post'
join lanes l on l.id = d.lane where p.corrects = %(post)s
union select p.id, l.channel from posts p join archive d on d.post = p.id and d.kind = 'post'
join lanes l on l.id = d.lane where p.corrects = %(post)s
union select p.id, t.channel from posts p join targets t on t.post = p.id where p.corrects = %(post)s
order by 1, 2

-- name: by_hand
-- A person has removed the messages of a channel by hand.
update receipts set removed_at = %(now)s, removed_by = %(by)s
where post = %(post)s and lane = %(lane)s and removed_at is null

-- name: not_by_hand
-- Withdraws that: the messages are still there.
update receipts set removed_at = null, removed_by = null
where post = %(post)s and lane = %(lane)s and removed_by is not null

-- name: set_ids
update receipts set ids = %(ids)s, note = %(note)s
where post = %(post)s and lane = %(lane)s and slot = %(slot)s

-- name: gone
-- What a person has confirmed is not there, and nobody wants it there.
update receipts set removed_at = %(now)s, removed_by = %(by)s
where post = %(post)s and lane = %(lane)s and slot = %(slot)s

-- name: forget
-- Messages that a person has confirmed as never posted.
delete from receipts
where post = %(post)s and lane = %(lane)s and slot = %(slot)s

-- name: changed
-- Which of these posts somebody has wanted otherwise, once they were written.
select post from versions where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
union select post from remarks where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
union select post from deliveries
where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) and kind = 'recall'
union select post from archive
where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) and kind = 'recall'

-- name: unfolded
-- Posts from before their texts were folded.
select * from posts where words is null
limit case when %(limit)s >= 0 then %(limit)s end

-- name: archived
select exists (select 1 from archive where post = %(post)s)
