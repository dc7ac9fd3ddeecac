-- The audit log: append-only; each row contains the hash of the row before it.

-- name: head
select value from meta where key = 'audit_head'

-- name: take_head
-- Locks the head: other transactions that append wait until the next row is written.
select value from meta where key = 'audit_head' for update

-- name: put
insert into audit (at, who, door, verb, post, detail, refused, hash)
values (%(at)s, %(who)s, %(door)s, %(verb)s, %(post)s, %(detail)s, %(refused)s, %(hash)s)

-- name: set_head
update meta set value = to_jsonb(%(hash)s::text) where key = 'audit_head'

-- name: rows
-- A page of the log, oldest first.
select id, at, who, door, verb, post, detail, refused, hash from audit
where id > %(after)s order by id limit %(limit)s

-- name: latest
-- Newest first, of one post or since a time.
select id, at, who, door, verb, post, detail, refused, hash from audit
where (%(post)s::bigint is null or post = %(post)s)
  and (%(since)s::bigint is null or at >= %(since)s)
order by id desc limit %(limit)s

-- name: older
select count(*) from audit where at < %(before)s

-- name: checkpoint
select upto, hash, at from audit_checkpoints order by id desc limit 1

-- name: put_checkpoint
insert into audit_checkpoints (upto, hash, at) values (%(upto)s, %(hash)s, %(at)s)

-- name: drop
delete from audit where id <= %(upto)s
