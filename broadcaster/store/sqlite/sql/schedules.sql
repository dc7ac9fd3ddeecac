-- Recurring posts: when they come next, and what came of them.

-- name: all
select * from schedules order by name

-- name: one
select * from schedules where name = :name

-- name: put
-- One that says the same is left as it is: what is due of it stays due.
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
-- Only the occurrence that is due, of the schedule as it was read: whoever is second changes no row.
update schedules set occurrence = :occurrence, next_at = :next_at, fired_at = :now, problem = '',
  problem_at = null
where name = :name and definition = :definition and next_at = :at and paused = :paused

-- name: fired
update schedules set post = :post where name = :name

-- name: skip
update schedules set next_at = :next_at, passed_at = :now, passed_why = :reason
where name = :name and next_at = :at and paused = :paused

-- name: fail
-- Told once, however often it is tried.
update schedules set problem = :problem, problem_at = :now
where name = :name and next_at is :at and paused = :paused and problem <> :problem
