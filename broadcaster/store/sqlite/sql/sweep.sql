-- The sweep: bounded batches, also for lanes that no daemon claims.

-- name: missed
-- Deliveries that have not begun by their deadline.
update deliveries set state = 'missed', open = null, done_at = :now, reason = :reason
where id in (
  select id from deliveries
  where open is not null and deadline is not null and deadline <= :now
    and state = 'waiting' and step = 0 and kind = 'post' limit :limit)
returning lane

-- name: hold
-- Behind a closed gate: from the few lanes that are parked, which `cross join` makes sure of.
update deliveries set state = 'held', open = null, done_at = :now,
  held_by = (select parked from lanes l where l.id = deliveries.lane), reason = :reason
where id in (
  select d.id from lanes l cross join deliveries d on d.lane = l.id and d.open is not null
  where l.parked is not null and d.state = 'waiting' limit :limit)
returning lane

-- name: unseen
-- Unknowns nobody could prove in time: a person's matter, and the lane goes on.  One that was not
-- looked for yet waits for its look, where a daemon is at work that may look.
update deliveries set open = null, done_at = :now, reason = iif(reason = '', :reason, reason)
where id in (
  select d.id from deliveries d join lanes l on l.id = d.lane
  where d.stuck = 'unknown'
    and d.open is not null
    and (d.verify_until is null or d.verify_until <= :now
      and (d.looked or l.parked is not null or l.account not in (
        select s.account from settings s
        join daemons w on w.owner = s.owner and w.alive_until > :now)))
  limit :limit)
returning lane
