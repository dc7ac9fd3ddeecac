-- The tick of plain work; migrations/0006_tick.sql has it.

-- name: plain
select tick(%(owner)s, %(results)s, %(wants)s, %(lease)s, %(looks)s, %(now)s)

-- name: fans_out
-- One daemon at a time makes deliveries of what is due.
select pg_try_advisory_xact_lock(1111704403, 1)

-- name: alone
-- From here on: whoever held a lane has let go of it, and what the lane shows is what stands there.
select pg_advisory_xact_lock(1111704403, 0)

-- name: vacuum
vacuum (skip_locked) lanes

-- name: lanes
-- How many there are, about.
select reltuples::bigint from pg_class where oid = 'lanes'::regclass
