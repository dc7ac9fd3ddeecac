-- The versions of a post's text, and events that have no delivery.

-- name: versions
select * from versions where post = :post order by number

-- name: latest_version
select coalesce(max(number), 0) from versions where post = :post

-- name: put_version
insert into versions (post, number, revision, source, texts, media, options, digest, by, door, at)
values (:post, :number, :revision, :source, :texts, :media, :options, :digest, :by, :door, :at)

-- name: set_words
update posts set words = :words where id = :post

-- name: remarks
select * from remarks where post in (select value from json_each(:posts)) order by post, number

-- name: put_remarks
insert into remarks (post, number, channel, what, version, why, by, door, at)
select :post, key + 1 + (select coalesce(max(number), 0) from remarks where post = :post),
  value->>'channel', :what, :version, value->>'why', :by, :door, :now
from json_each(:rows)

-- name: touch
update posts set active = :now
where id = :post or id in (
  select post from deliveries where id in (select value from json_each(:deliveries)))

-- name: corrections
select p.id, l.channel from posts p join deliveries d on d.post = p.id and d.kind = 'post'
join lanes l on l.id = d.lane where p.corrects = :post
union select p.id, l.channel from posts p join archive d on d.post = p.id and d.kind = 'post'
join lanes l on l.id = d.lane where p.corrects = :post
union select p.id, t.channel from posts p join targets t on t.post = p.id where p.corrects = :post
order by 1, 2

-- name: by_hand
-- A person has removed the messages of a channel by hand.
update receipts set removed_at = :now, removed_by = :by
where post = :post and lane = :lane and removed_at is null

-- name: not_by_hand
-- Withdraws that: the messages are still there.
update receipts set removed_at = null, removed_by = null
where post = :post and lane = :lane and removed_by is not null

-- name: set_ids
update receipts set ids = :ids, note = :note
where post = :post and lane = :lane and slot = :slot

-- name: gone
-- What a person has confirmed is not there, and nobody wants it there.
update receipts set removed_at = :now, removed_by = :by
where post = :post and lane = :lane and slot = :slot

-- name: forget
-- Messages that a person has confirmed as never posted.
delete from receipts
where post = :post and lane = :lane and slot = :slot

-- name: changed
-- Which of these posts somebody has wanted otherwise, once they were written.
select post from versions where post in (select value from json_each(:posts))
union select post from remarks where post in (select value from json_each(:posts))
union select post from deliveries
where post in (select value from json_each(:posts)) and kind = 'recall'
union select post from archive
where post in (select value from json_each(:posts)) and kind = 'recall'

-- name: unfolded
-- Posts from before their texts were folded.
select * from posts where words is null limit :limit

-- name: archived
select exists (select 1 from archive where post = :post)
