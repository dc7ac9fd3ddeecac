-- Schedules: their next times and last results.

-- name: all
select * from schedules order by name

-- name: one
select * from schedules where name = :name

-- name: put
-- An identical schedule stays unchanged, and so does an occurrence that is due.
insert into schedules (name, definition, origin, next_at, paused, files)
values (:name, :definition, :origin, :next_at, :paused, :files)
on conflict (name) do update set definition = excluded.definition, next_at = excluded.next_at,
  files = excluded.files, problem = '', problem_at = null
where schedules.definition <> excluded.definition

-- name: drop
delete from schedules where name = :name

-- name: pause
update schedules set paused = :paused where name = :name and paused <> :paused

-- name: proceed
update schedules set paused = :paused, next_at = :next_at
where name = :name and (paused <> :paused or next_at is null)

-- name: fire
-- Only for the due occurrence of the schedule as it was read; a second daemon changes no row.
update schedules set occurrence = :occurrence, next_at = :next_at, fired_at = :now, problem = '',
  problem_at = null
where name = :name and definition = :definition and next_at = :at and paused = :paused

-- name: fired
update schedules set post = :post where name = :name

-- name: skip
update schedules set next_at = :next_at, passed_at = :now, passed_why = :reason
where name = :name and next_at = :at and paused = :paused

-- name: fail
-- Notes the same problem only once.
update schedules set problem = :problem, problem_at = :now
where name = :name and next_at is :at and paused = :paused and problem <> :problem
