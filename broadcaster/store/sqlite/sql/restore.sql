-- A new epoch: the copy knows nothing of what was sent since it was made.

-- name: epoch
update meta set value = :epoch where key = 'epoch'

-- name: identity
select (select value from meta where key = 'store') as store,
  (select value from meta where key = 'epoch') as epoch,
  (select value from meta where key = 'age') as age

-- name: written
-- After each transaction: how old the store is now, and whether it may be written at all.
select (select value from meta where key = 'age') as age,
  (select value from meta where key = 'sealed') as sealed

-- name: seal
update meta set value = :why where key = 'sealed'

-- name: sequences
select name, seq from sqlite_sequence

-- name: skip
-- What is new is numbered after these: a lost store may have given them out.
update sqlite_sequence set seq = max(seq, j.value->>'seq')
from json_each(:rows) j where name = j.value->>'name'

-- name: skip_unused
insert into sqlite_sequence (name, seq) select value->>'name', value->>'seq' from json_each(:rows)
where value->>'name' not in (select name from sqlite_sequence)

-- name: hold
-- All that stands in a line; a successor that waits aside for an outcome stays aside.
update deliveries set state = 'held', open = null, held_by = 'restore', done_at = :now,
  reason = :reason
where state = 'waiting' and open is not null

-- name: hold_again
-- No switch that returns, and no good probe, lets these go: a person does.
update deliveries set held_by = 'restore', reason = :reason
where stuck = 'held'
  and held_by is not 'restore'

-- name: unknown
-- Nobody looks for these by himself any more.
update deliveries set open = null, verify_until = null, done_at = :now
where stuck = 'unknown' and open is not null

-- name: idle
update lanes set owner = null, delivery = null, waits_for = null, wake_at = null

-- name: schedules
-- Occurrences between the copy and now may have been posted: they go on from now.
update schedules set next_at = null

-- name: daemons
delete from daemons

-- name: uploads
delete from uploads

-- name: planned
select count(*) from scheduled
