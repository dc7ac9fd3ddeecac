-- Daemons and their registration.

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
-- Leases of this owner without a message on the wire.
select l.id from lanes l left join deliveries d on d.id = l.delivery
where l.owner = %(owner)s and (d.state is null or d.state <> 'sending')

-- name: grow_old
update meta set value = to_jsonb(value::bigint + 1) where key = 'age'

-- name: declare
-- The settings of a daemon; changes only rows that differ.
insert into settings (owner, account, digest)
select %(owner)s, j.key, j.value from jsonb_each_text(%(settings)s::jsonb) j
on conflict (owner, account) do update set digest = excluded.digest where settings.digest <> excluded.digest

-- name: undeclare
delete from settings where owner = %(owner)s
  and account not in (select j.key from jsonb_each_text(%(settings)s::jsonb) j)

-- name: forget
-- Settings of daemons that are not registered any more.
delete from settings where owner not in (select owner from daemons)

-- name: differing
-- The same for people: daemons by settings, for accounts whose live daemons differ.
select s.account, s.owner from settings s
join daemons d on d.owner = s.owner and d.alive_until > %(now)s
where exists (
  select 1 from settings o join daemons e on e.owner = o.owner and e.alive_until > %(now)s
  where o.account = s.account and o.digest <> s.digest)
order by s.account, s.owner

-- name: all
select owner, pid, host, started, seen, alive_until > %(now)s as alive, generation
from daemons order by started, owner
