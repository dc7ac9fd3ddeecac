-- Moving an office here from another store.

-- name: used
-- A store is unused if a daemon has only looked at it.
select exists (select 1 from posts) or exists (select 1 from audit)

-- name: put_meta
insert into meta (key, value) values (:key, json_extract(:value, '$'))
on conflict do update set value = excluded.value

-- name: lanes
select id from lanes order by id
