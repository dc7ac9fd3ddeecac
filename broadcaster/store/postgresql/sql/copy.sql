-- Moving an office here from another store.

-- name: used
-- A store is unused if a daemon has only looked at it.
select exists (select 1 from posts) or exists (select 1 from audit)

-- name: put_meta
insert into meta (key, value) values (%(key)s, %(value)s::jsonb)
on conflict (key) do update set value = excluded.value

-- name: lanes
select id from lanes order by id

-- name: numbers
-- The highest id that each table has assigned.
select c.table_name, s.last_value from information_schema.columns c
join pg_sequences s on s.schemaname = c.table_schema
  and s.sequencename = c.table_name || '_' || c.column_name || '_seq'
where c.table_schema = 'broadcaster' and c.is_identity = 'YES'
