-- People who work through the web process.  Secrets are hashes; docs/security.md says of what.
create table users (
  id          integer primary key autoincrement,   -- never used again
  name        text    not null unique,
  display     text    not null default '',
  language    text    not null default '',         -- '': the office's
  os_user     text,                                -- the account on this machine of the same person
  password    text,                                -- argon2id; null: none chosen yet
  totp        text,                                -- encrypted; null: no second factor
  totp_used   integer not null default 0,          -- the last time step whose code was taken
  created     integer not null,
  disabled_at integer,
  removed_at  integer
);
create unique index users_os_user on users (os_user) where os_user is not null and removed_at is null;

create table grants (
  user_id integer not null references users,
  role    text    not null check (role in ('viewer', 'writer', 'approver', 'operator', 'admin')),
  place   text    not null default '',             -- group, account or channel; '': everywhere
  primary key (user_id, role, place)
) without rowid;

create table recovery_codes (
  user_id integer not null references users,
  hash    text    not null,
  used_at integer,
  primary key (user_id, hash)
) without rowid;

-- One-time links by which somebody chooses a password.
create table links (
  hash    text    primary key,
  user_id integer not null references users,
  purpose text    not null check (purpose in ('invitation', 'reset', 'setup')),
  created integer not null,
  expires integer not null,
  used_at integer
) without rowid;

create table sessions (
  hash      text    primary key,
  user_id   integer not null references users,
  created   integer not null,
  seen      integer not null,
  confirmed integer not null,                      -- when a password or code was last given
  address   text    not null default '',
  agent     text    not null default ''
) without rowid;
create index sessions_user on sessions (user_id);

create table tokens (
  id         integer primary key autoincrement,
  hash       text    not null unique,
  name       text    not null,
  user_id    integer not null references users,
  scopes     text    not null default '[]',
  places     text    not null default '[]',        -- []: all of its owner's
  networks   text    not null default '[]',        -- []: from anywhere
  created    integer not null,
  expires    integer not null,
  used       integer,
  revoked_at integer
);
create unique index tokens_name on tokens (user_id, name) where revoked_at is null;

-- Failed sign-ins, by name and by network.
create table throttles (
  key       text    primary key,
  failures  integer not null,
  failed_at integer not null,
  until     integer not null
) without rowid;

-- Sensitive acts that wait for a second administrator.
create table pending_acts (
  id         integer primary key autoincrement,
  act        text    not null,
  detail     text    not null default '{}',
  user_id    integer not null references users,
  asked_at   integer not null,
  expires    integer not null,
  verdict    text    check (verdict in ('approved', 'refused', 'expired')),
  decided_by text    not null default '',
  decided_at integer
);
