-- A new epoch: the copy knows nothing of what was sent since it was made.

-- name: epoch
update meta set value = :epoch where key = 'epoch'

-- name: hold
-- All that stands in a line; a successor that waits aside for an outcome stays aside.
update deliveries set state = 'held', open = null, held_by = 'restore', done_at = :now,
  reason = :reason
where state = 'waiting' and open is not null

-- name: hold_again
-- No switch that returns, and no good probe, lets these go: a person does.
update deliveries set held_by = 'restore', reason = :reason
where state = 'held' and state in ('unknown', 'held', 'failed', 'missed')
  and held_by is not 'restore'

-- name: unknown
-- Nobody looks for these by himself any more.
update deliveries set open = null, verify_until = null, done_at = :now
where state = 'unknown' and state in ('unknown', 'held', 'failed', 'missed') and open is not null

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
