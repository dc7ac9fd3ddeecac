-- People, their rights, sessions and tokens.

-- name: users
select * from users where removed_at is null order by name

-- name: user
select * from users where name = :name

-- name: by_id
select * from users where id = :id

-- name: os_user
select * from users where os_user = :os_user and removed_at is null and disabled_at is null

-- name: names_of
select name, os_user from users where name = :name or os_user = :name

-- name: taken
select name from users
where name = :name or (os_user = :os_user and removed_at is null and name <> :name)

-- name: add
insert into users (name, display, language, os_user, created)
values (:name, :display, :language, :os_user, :now)

-- name: describe
update users set display = :display, language = :language, os_user = :os_user where name = :name

-- name: disable
update users set disabled_at = :at where name = :name

-- name: remove
update users set removed_at = :at, disabled_at = coalesce(disabled_at, :at), password = null,
  totp = null
where name = :name

-- name: grants
select * from grants order by user_id, role, place

-- name: grants_of
select * from grants where user_id = :id order by role, place

-- name: clear_grants
delete from grants where user_id = :id

-- name: grant
insert into grants (user_id, role, place) values (:id, :role, :place)

-- name: admins
-- Those who may manage people everywhere, and can sign in or come by their account on this machine.
select count(*) from users u
where u.removed_at is null and u.disabled_at is null
  and exists (select 1 from grants g where g.user_id = u.id and g.role = 'admin' and g.place = '')

-- name: set_password
update users set password = :password where id = :id

-- name: rehash
update users set password = :new where name = :name and password = :old

-- name: set_totp
update users set totp = :secret, totp_used = 0 where id = :id

-- name: clear_recovery
delete from recovery_codes where user_id = :id

-- name: put_recovery
insert into recovery_codes (user_id, hash) values (:id, :hash)

-- name: use_totp
update users set totp_used = :step where name = :name and totp_used < :step

-- name: use_recovery
update recovery_codes set used_at = :now
where hash = :hash and used_at is null
  and user_id = (select id from users where name = :name)

-- name: clear_links
delete from links where user_id = :id

-- name: put_link
insert into links (hash, user_id, purpose, created, expires)
values (:hash, :id, :purpose, :now, :expires)

-- name: link
select * from links where hash = :hash and used_at is null and expires > :now

-- name: use_link
update links set used_at = :now where hash = :hash and used_at is null and expires > :now

-- name: sign_in
insert into sessions (hash, user_id, created, seen, confirmed, address, agent)
values (:hash, :id, :now, :now, :now, :address, :agent)

-- name: session
select * from sessions where hash = :hash

-- name: seen
update sessions set seen = :now where hash = :hash and seen < :now

-- name: confirm
update sessions set confirmed = :now where hash = :hash

-- name: sessions
select * from sessions where user_id = :id order by seen desc, hash

-- name: end_sessions
delete from sessions where user_id = :id and hash <> :keep and (:only = '' or hash = :only)

-- name: drop_old_sessions
delete from sessions where seen < :before

-- name: add_token
insert into tokens (hash, name, user_id, scopes, places, networks, created, expires)
values (:hash, :name, :id, :scopes, :places, :networks, :now, :expires)

-- name: tokens
select * from tokens where revoked_at is null order by user_id, name

-- name: token
select * from tokens where hash = :hash and revoked_at is null and expires > :now

-- name: token_by_id
select * from tokens where id = :id

-- name: named_token
select * from tokens where user_id = :id and name = :name and revoked_at is null

-- name: used
update tokens set used = :now where id = :id and (used is null or used < :before)

-- name: revoke
update tokens set revoked_at = :now where id = :id and revoked_at is null

-- name: throttle
select * from throttles where key = :key

-- name: put_throttle
insert into throttles (key, failures, failed_at, until) values (:key, :failures, :now, :until)
on conflict (key) do update
set failures = excluded.failures, failed_at = excluded.failed_at, until = excluded.until

-- name: clear_throttle
delete from throttles where key = :key

-- name: drop_old_throttles
delete from throttles where until < :before and failed_at < :before

-- name: ask
insert into pending_acts (act, detail, user_id, asked_at, expires)
values (:act, :detail, :id, :now, :expires)

-- name: asked
select * from pending_acts where id = :id

-- name: last_asked
select max(id) from pending_acts

-- name: pending
select * from pending_acts where verdict is null and expires > :now order by id

-- name: decide
update pending_acts set verdict = :verdict, decided_by = :by, decided_at = :now where id = :id
