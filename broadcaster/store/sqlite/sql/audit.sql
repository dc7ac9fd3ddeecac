-- The audit log: append-only; each row contains the hash of the row before it.

-- name: head
select value from meta where key = 'audit_head'

-- name: take_head
select value from meta where key = 'audit_head'

-- name: put
insert into audit (at, who, door, verb, post, detail, refused, hash)
values (:at, :who, :door, :verb, :post, :detail, :refused, :hash)

-- name: set_head
update meta set value = :hash where key = 'audit_head'

-- name: rows
-- A page of the log, oldest first.
select id, at, who, door, verb, post, detail, refused, hash from audit
where id > :after order by id limit :limit

-- name: latest
-- Newest first, of one post or since a time.
select id, at, who, door, verb, post, detail, refused, hash from audit
where (:post is null or post = :post) and (:since is null or at >= :since)
order by id desc limit :limit

-- name: older
select count(*) from audit where at < :before

-- name: checkpoint
select upto, hash, at from audit_checkpoints order by id desc limit 1

-- name: put_checkpoint
insert into audit_checkpoints (upto, hash, at) values (:upto, :hash, :at)

-- name: drop
delete from audit where id <= :upto
