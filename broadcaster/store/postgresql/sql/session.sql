-- A daemon works by one connection at a time; a lock that lasts as long as it does says so.

-- name: end_other
-- The lost connection of this daemon, should the server still hold it.
select pg_terminate_backend(pid) from pg_locks
where locktype = 'advisory' and granted and objsubid = 1 and pid <> pg_backend_pid()
  and database = (select oid from pg_database where datname = current_database())
  and (classid::bigint << 32) | objid::bigint = hashtextextended(%(owner)s, 0)

-- name: hold
-- Waits until that connection's last transaction is over.
select pg_advisory_lock(hashtextextended(%(owner)s, 0))

-- name: leases
select id, delivery, fence from lanes where owner = %(owner)s

-- name: let_in
-- Whether any user of the server may connect here.
select has_database_privilege('public', current_database(), 'connect')
