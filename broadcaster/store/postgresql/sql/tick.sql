-- The tick of plain work; migrations/0002_tick.sql has it.

-- name: plain
select tick(%(owner)s, %(results)s, %(wants)s, %(lease)s, %(now)s)

-- name: vacuum
vacuum (skip_locked) lanes
