-- Daemons: who is alive.

-- name: register
insert into daemons (owner, pid, host, started, seen, alive_until)
values (%(owner)s, %(pid)s, %(host)s, %(now)s, %(now)s, %(until)s)
on conflict (owner) do update set pid = excluded.pid, host = excluded.host,
  started = excluded.started, seen = excluded.seen, alive_until = excluded.alive_until

-- name: only
delete from daemons where owner <> %(owner)s

-- name: alive
update daemons set seen = %(now)s, alive_until = %(until)s where owner = %(owner)s

-- name: unregister
delete from daemons where owner = %(owner)s

-- name: acknowledge
update daemons set generation = %(generation)s
where owner = %(owner)s and generation <> %(generation)s

-- name: behind
select count(*) from daemons where alive_until > %(now)s and generation < %(generation)s

-- name: unsent
-- Leases of this owner that never reached the wire.
select l.id from lanes l left join deliveries d on d.id = l.delivery
where l.owner = %(owner)s and (d.state is null or d.state <> 'sending')

-- name: grow_old
update meta set value = to_jsonb(value::bigint + 1) where key = 'age'

-- name: all
select owner, pid, host, started, seen, alive_until > %(now)s as alive, generation
from daemons order by started, owner
