-- A daemon works by one connection at a time; the connection's name says whose it is.

-- name: end_other
-- The lost connection of this daemon, should the server still hold it; true: it has ended, and so has its
-- last transaction.  Only those of the same role count, for anybody may name a connection.
select coalesce(bool_and(pg_terminate_backend(pid, %(wait)s)), true) from pg_stat_activity
where application_name = %(name)s and usename = session_user and datname = current_database()
  and pid <> pg_backend_pid()

-- name: hold
select set_config('application_name', %(name)s, false)

-- name: leases
select id, delivery, fence from lanes where owner = %(owner)s

-- name: let_in
-- Whether any user of the server may connect here.
select has_database_privilege('public', current_database(), 'connect')
