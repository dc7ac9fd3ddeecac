-- Daemons: who is alive.

-- name: register
insert into daemons (owner, pid, host, started, seen, alive_until)
values (:owner, :pid, :host, :now, :now, :until)
on conflict do update set pid = excluded.pid, host = excluded.host, started = excluded.started,
  seen = excluded.seen, alive_until = excluded.alive_until

-- name: only
delete from daemons where owner <> :owner

-- name: alive
update daemons set seen = :now, alive_until = :until where owner = :owner

-- name: unregister
delete from daemons where owner = :owner

-- name: acknowledge
update daemons set generation = :generation where owner = :owner and generation <> :generation

-- name: behind
select count(*) from daemons where alive_until > :now and generation < :generation

-- name: unsent
-- Leases of this owner that never reached the wire.
select l.id from lanes l left join deliveries d on d.id = l.delivery
where l.owner = :owner and (d.state is null or d.state <> 'sending')

-- name: grow_old
update meta set value = value + 1 where key = 'age'

-- name: all
select owner, pid, host, started, seen, alive_until > :now as alive, generation
from daemons order by started, owner
