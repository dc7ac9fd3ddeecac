-- Schedules: their next times and last results.

-- name: all
select * from schedules order by name

-- name: one
select * from schedules where name = %(name)s

-- name: put
-- An identical schedule stays unchanged, and so does an occurrence that is due.
insert into schedules (name, definition, origin, next_at, paused, files)
values (%(name)s, %(definition)s, %(origin)s, %(next_at)s, %(paused)s, %(files)s)
on conflict (name) do update set definition = excluded.definition, next_at = excluded.next_at,
  files = excluded.files, problem = '', problem_at = null
where schedules.definition <> excluded.definition

-- name: drop
delete from schedules where name = %(name)s

-- name: pause
update schedules set paused = %(paused)s where name = %(name)s and paused <> %(paused)s

-- name: proceed
update schedules set paused = %(paused)s, next_at = %(next_at)s
where name = %(name)s and (paused <> %(paused)s or next_at is null)

-- name: fire
-- Only for the due occurrence of the schedule as it was read; a second daemon changes no row.
update schedules set occurrence = %(occurrence)s, next_at = %(next_at)s, fired_at = %(now)s,
  problem = '', problem_at = null
where name = %(name)s and definition = %(definition)s and next_at = %(at)s and paused = %(paused)s

-- name: fired
update schedules set post = %(post)s where name = %(name)s

-- name: skip
update schedules set next_at = %(next_at)s, passed_at = %(now)s, passed_why = %(reason)s
where name = %(name)s and next_at = %(at)s and paused = %(paused)s

-- name: fail
-- Notes the same problem only once.
update schedules set problem = %(problem)s, problem_at = %(now)s
where name = %(name)s and next_at is not distinct from %(at)s::bigint and paused = %(paused)s
  and problem <> %(problem)s
