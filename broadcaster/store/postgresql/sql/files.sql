-- Attached files in pieces; stored before the post that names them.

-- name: touch
update files set taken = (extract(epoch from clock_timestamp()) * 1000000)::bigint
where digest = %(digest)s and position = 0

-- name: put
insert into files (digest, position, bytes, taken)
values (%(digest)s, %(position)s, %(bytes)b,
  (extract(epoch from clock_timestamp()) * 1000000)::bigint)
on conflict do nothing

-- name: get
select bytes from files where digest = %(digest)s and position = %(position)s

-- name: drop
-- Files that are referenced nowhere and were not stored again lately.
delete from files where digest in (
  select digest from files where position = 0 and taken < %(before)s
    and digest not in (select jsonb_array_elements_text(%(named)s::jsonb)))
