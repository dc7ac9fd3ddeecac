-- What the keepers of the store need: an audit log that may be pruned and never shortened, news for
-- people, backup, restore and prune.

-- audit_head: hash of the last row of the audit log, kept apart so that a cut shows; age: grows with
-- each person's write and each beat of a daemon, and is noted outside the store as well, so that an
-- older copy put in its place shows; sealed: why nothing may be written any more.
insert into meta values
  ('audit_head', coalesce((select hash from audit order by id desc limit 1), '')), ('age', 0),
  ('sealed', '');

-- Where the audit log begins after a prune: `hash` is that of row `upto`, the last one removed.
create table audit_checkpoints (
  id   integer primary key autoincrement,
  upto integer not null,
  hash text    not null,
  at   integer not null
);
create trigger audit_checkpoints_update before update on audit_checkpoints
begin
  select raise(abort, 'the audit log is append-only');
end;
create trigger audit_checkpoints_delete before delete on audit_checkpoints
begin
  select raise(abort, 'the audit log is append-only');
end;
drop trigger audit_delete;
create trigger audit_delete before delete on audit
when old.id > coalesce((select max(upto) from audit_checkpoints), 0)
begin
  select raise(abort, 'the audit log is append-only');
end;

-- Alerts: when people were last told of a cause.
create table told (cause text primary key, at integer not null) without rowid;

-- When a rendering was last asked for: a prune leaves alone what a post may be about to use.
alter table renderings add column used integer not null default 0;

-- What waits for a person, by the time it began to.
drop index deliveries_stuck;
create index deliveries_stuck on deliveries (state, lane, done_at)
  where state in ('unknown', 'held', 'failed', 'missed');

-- Answers keep what they answer.
create index posts_reply on posts (reply_to) where reply_to is not null;
