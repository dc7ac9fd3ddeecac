-- A new epoch: the copy does not know the messages sent after it was made.

-- name: identity
select (select value from meta where key = 'store') as store,
  (select value::bigint from meta where key = 'epoch') as epoch,
  (select value::bigint from meta where key = 'age') as age

-- name: written
-- After each transaction: the age of the store, and whether it is sealed.
select (select value::bigint from meta where key = 'age') as age,
  (select value from meta where key = 'sealed') as sealed

-- name: seal
update meta set value = to_jsonb(%(why)s::text) where key = 'sealed'

-- name: epoch
update meta set value = to_jsonb(%(epoch)s::bigint) where key = 'epoch'

-- name: hold
-- All deliveries in lines; a successor that waits for an outcome stays outside.
update deliveries set state = 'held', open = null, held_by = 'restore', done_at = %(now)s,
  reason = %(reason)s
where state = 'waiting' and open is not null

-- name: hold_again
-- Only a person releases these; reopened gates and successful probes do not.
update deliveries set held_by = 'restore', reason = %(reason)s
where stuck = 'held' and held_by is distinct from 'restore'

-- name: unknown
-- Ends the verifications of these.
update deliveries set open = null, verify_until = null, done_at = %(now)s
where stuck = 'unknown' and open is not null

-- name: idle
update lanes set owner = null, delivery = null, waits_for = null, wake_at = null

-- name: schedules
-- Occurrences between the copy and now may have been posted, so schedules continue from now.
update schedules set next_at = null

-- name: daemons
delete from daemons

-- name: uploads
delete from uploads

-- name: planned
select count(*) from scheduled
