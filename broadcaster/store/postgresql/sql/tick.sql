-- The fast path of a tick; functions.sql has it.

-- name: tick
select tick(%(owner)s, %(results)s, %(wants)s, %(lease)s, %(looks)s, %(now)s)

-- name: in_loop
-- The same, for who waits for the answer with the event loop.
select tick($1, $2, $3, $4, $5, $6)

-- name: alone
-- From here on no tick is under way: whoever held a lane has let go of it, and what the lane shows is what
-- stands there.
lock table lanes_turn in exclusive mode

-- name: vacuum
vacuum (skip_locked) lanes

-- name: lanes
-- How many there are, about.
select reltuples::bigint from pg_class where oid = 'lanes'::regclass
