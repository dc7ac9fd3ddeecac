-- The queue.  Times are microseconds since 1970 in UTC.  docs/store.md says which table is for what.
--
-- Columns at the end of a table came later than the others: stores that have them there are as good.

-- Small facts of the store itself: epoch (grows with a restore), generation (grows with each
-- change of a gate), changes (grows when a person wrote: what a daemon looks at to be nudged),
-- store (its own name, part of each message's idempotency key), audit_head (hash of the last row of
-- the audit log, kept apart so that a cut shows), age (grows with each person's write and each beat
-- of a daemon, and is noted outside the store as well, so that an older copy put in its place
-- shows), sealed (why nothing may be written any more).
create table meta (key text primary key, value) without rowid;
insert into meta values
  ('epoch', 1), ('generation', 0), ('changes', 0), ('store', lower(hex(randomblob(8)))),
  ('audit_head', ''), ('age', 0), ('sealed', '');

create table posts (
  id        integer primary key autoincrement,   -- an id is never used again, not even after a prune
  source    text    not null,
  media     text    not null default '[]',
  options   text    not null default '{}',
  texts     text    not null default '{}',
  due       integer not null,
  created   integer not null,
  expires   integer,
  stage     text    not null
            check (stage in ('draft', 'approved', 'rejected', 'planned', 'fanned-out', 'cancelled')),
  reply_to  integer,
  author    text    not null default '',
  revision  integer not null default 0,
  key       text
);
create index posts_due on posts (due);
-- Answers keep what they answer.
create index posts_reply on posts (reply_to) where reply_to is not null;
-- How much one person has queued lately.
create index posts_written on posts (author, created);

-- What channels receive, shared by all that render alike.  `used` says when a rendering was last
-- asked for: a prune leaves alone what a post may be about to use.
create table renderings (
  digest   text primary key,
  messages text not null,
  used     integer not null default 0
) without rowid;

-- Targets of posts that have not fanned out yet: a row for all that many channels share, so that a
-- post to a thousand channels is queued as quickly as one to a few.
create table plan (
  post      integer not null references posts,
  part      integer not null,
  account   text    not null,
  rendering text    not null,
  lost      text    not null default '[]',
  deadline  integer,
  off       integer not null default 0,
  cancelled integer not null default 0,
  channels  text    not null,                 -- {channel: its position among the post's targets}
  primary key (post, part)
);
-- A row that is damaged hides no other.
create view targets as
select p.post, c.value as position, c.key as channel, p.account, p.rendering, p.lost, p.deadline,
  p.off, p.cancelled
from plan p join json_each(iif(json_valid(p.channels), p.channels, '{}')) c;

create table scheduled (
  due  integer not null,
  post integer not null,
  primary key (due, post)
) without rowid;

-- A channel's row in the queue: order, lease and fence.
create table lanes (
  id         integer primary key,
  channel    text    not null unique,
  account    text    not null,
  wake_at    integer,                      -- the only clock: free: its head's next_at (never
                                           -- before not_before); leased: end of the lease;
                                           -- idle or parked: null
  owner      text,                         -- whose lease it is
  delivery   integer,                      -- and what for
  fence      integer not null default 0,   -- grows with each lease
  not_before integer not null default 0,   -- the channel's pace, or its quiet
  parked     text,                         -- cause of its strongest closed gate
  waits_for  text,                         -- file that another lane uploads; '*' leave to upload;
                                           -- '?' leave to verify
  tat        integer not null default 0,   -- GCRA: theoretical arrival time of its next message
  chat       text                          -- the chat that the channel stands for (the program's
                                           -- `Chat`); null: no daemon has said it yet
);
create index lanes_wake on lanes (account, wake_at) where wake_at is not null;
create index lanes_waiting on lanes (account, waits_for) where waits_for is not null;
create index lanes_parked on lanes (parked) where parked is not null;
create index lanes_owner on lanes (owner) where owner is not null;
-- Every tick asks whether a lease of somebody else has run out.
create index lanes_leased on lanes (account, wake_at) where owner is not null;

create table deliveries (
  id            integer primary key autoincrement,
  post          integer not null references posts,
  lane          integer not null references lanes,
  kind          text    not null check (kind in ('post', 'edit', 'recall', 'pin')),
  revision      integer not null default 0,
  rendering     text    not null,
  lost          text    not null default '[]',
  counts        integer not null default 1,   -- 0: planned while its channel was off
  state         text    not null,
  step          integer not null default 0,   -- position of the current message
  steps         integer not null,
  order_at      integer not null,             -- fixed: its place in the lane
  next_at       integer not null,             -- moves with retries and looks
  deadline      integer,
  attempts      integer not null default 0,   -- that count
  failures      integer not null default 0,   -- of the current message
  tries         integer not null default 0,   -- all of them
  first_try     integer,                      -- of the current message
  fence         integer not null default 0,   -- of its last try
  sent_at       integer,
  done_at       integer,
  open          integer default 1,            -- 1: stands in its lane's line; else null
  reason        text    not null default '',
  code          text    not null default '',
  held_by       text,
  superseded_by integer,                      -- the edit or recall that took or will take over
  verify_until  integer,
  deaths        integer not null default 0,   -- daemons that ended at it, one after the other
  looked        integer not null default 0,   -- how often it was looked for since it came in doubt
  chat          text                          -- where it goes on, once begun; null: its lane's
);
-- One delivery of a kind and revision per post and channel; also the way from a post to them.
create unique index deliveries_post on deliveries (post, lane, kind, revision);
-- A lane's line.  Its predicate is on `open`, so that claiming touches no index.
create index deliveries_line on deliveries (lane, order_at, id) where open is not null;
create index deliveries_deadline on deliveries (deadline)
  where open is not null and deadline is not null;
-- What waits for a person, by the time it began to.
create index deliveries_stuck on deliveries (state, lane, done_at)
  where state in ('unknown', 'held', 'failed', 'missed');

-- A delivery with its lane, in the order of the program's `Stored`.
create view delivery_rows as
select d.id, d.post, d.lane, d.kind, d.revision, d.rendering, d.lost, d.counts, d.state, d.step,
  d.steps, d.order_at, d.next_at, d.deadline, d.attempts, d.failures, d.tries, d.first_try, d.fence,
  d.sent_at, d.done_at, d.open, d.reason, d.code, d.held_by, d.superseded_by, d.verify_until,
  l.channel, l.account, l.owner as lane_owner, l.fence as lane_fence, l.delivery as lane_delivery,
  l.parked, (select kind from deliveries s where s.id = d.superseded_by) as successor,
  d.deaths, d.looked, d.chat, l.chat as lane_chat
from deliveries d join lanes l on l.id = d.lane;

-- The edges of docs/lifecycle.md, enforced by the database itself.  (`instr`, not `in`: a trigger
-- builds the set of an `in` anew for each row, which made a tick half as fast.)
create trigger deliveries_birth before insert on deliveries
when new.state <> 'waiting' and new.state <> 'held'
begin
  select raise(abort, 'a delivery is born waiting or held');
end;
create trigger deliveries_edge before update of state on deliveries
when old.state <> new.state and not instr(
  ' waiting>sending waiting>held waiting>missed waiting>cancelled waiting>failed'
  || ' sending>delivered sending>waiting sending>failed sending>unknown'
  || ' unknown>delivered unknown>waiting unknown>cancelled'
  || ' held>waiting held>cancelled'
  || ' failed>waiting failed>cancelled'
  || ' missed>waiting missed>cancelled ',
  ' ' || old.state || '>' || new.state || ' ')
begin
  select raise(abort, 'no such edge between states');
end;
create trigger deliveries_kept before delete on deliveries
when old.state in ('waiting', 'sending', 'unknown')
begin
  select raise(abort, 'a delivery that is not settled is never deleted');
end;

-- Proof of messages: one per slot, whichever delivery sent, edited or removed it.
create table receipts (
  post       integer not null,
  lane       integer not null,
  slot       integer not null,
  ids        text    not null,
  at         integer,                  -- the platform's time
  recorded   integer not null,
  note       text    not null default '',
  delivery   integer not null,
  rendering  text    not null,         -- what stands there now: message `step` of `rendering`
  step       integer not null,
  edited_at  integer,
  removed_at integer,
  pinned_at  integer,
  chat       text,                     -- where it stands; null: in its lane's chat
  primary key (post, lane, slot)
) without rowid;
create index receipts_lane on receipts (lane, recorded);

-- Tries that did not end in a receipt.
create table attempts (
  id       integer primary key,
  delivery integer not null,
  step     integer not null,
  attempt  integer not null,
  at       integer not null,
  outcome  text    not null,
  code     text    not null,
  detail   text    not null
);
create index attempts_delivery on attempts (delivery);

-- Uploaded files, by bytes, kind and name (readers see the name); value null: the platform gave no
-- handle, so there is none to wait for.
create table handles (
  account text not null,
  file    text not null,
  value   text,
  expires integer,
  primary key (account, file)
) without rowid;

-- The first upload, or first send, of a file per account runs alone.
create table uploads (
  account text    not null,
  file    text    not null,
  lane    integer not null,
  primary key (account, file)
) without rowid;

create table keys (
  key         text primary key,
  fingerprint text    not null,
  post        integer not null,
  created     integer not null
) without rowid;

-- Closed gates: scope all, account or channel.
create table gates (
  scope  text    not null check (scope in ('all', 'account', 'channel')),
  name   text    not null,
  cause  text    not null
         check (cause in ('off', 'config', 'unauthorized', 'gone', 'halt', 'restore')),
  reason text    not null default '',
  by     text    not null default '',
  at     integer not null,
  primary key (scope, name, cause)
) without rowid;

create table accounts (
  name       text primary key,
  tat        integer not null default 0,   -- GCRA: theoretical arrival time of the next send
  not_before integer not null default 0,   -- quiet after a refusal for haste
  breaker    text,
  failures   integer not null default 0,
  retry_at   integer,
  reason     text    not null default '',
  noted_by   text    not null default ''   -- which daemon noted the state of the breaker
) without rowid;

create table schedules (
  name       text primary key,
  definition text    not null,
  next_at    integer,
  paused     integer not null default 0,
  occurrence text,
  origin     text    not null default 'command',
  post       integer,                            -- the last one it made
  fired_at   integer,
  passed_at  integer,                            -- an occurrence was last passed over
  problem    text    not null default '',
  problem_at integer,
  files      text    not null default '[]',      -- attached files that its posts name, by digest
  passed_why text    not null default ''
) without rowid;

-- Who may not approve a draft, until when it may be, and what was decided.
create table approvals (
  post      integer primary key,
  required  integer not null,           -- 0: its author kept it back, no channel demands it
  writers   text    not null,
  lapses_at integer,                    -- its slot is over then; null: it has none
  verdict   text check (verdict in ('approved', 'rejected', 'lapsed')),
  by        text    not null default '',
  at        integer,
  reason    text    not null default '',
  digest    text    not null default '' -- what was approved
);
create index approvals_pending on approvals (lapses_at)
  where verdict is null and lapses_at is not null;

create table daemons (
  owner       text primary key,
  pid         integer not null,
  host        text    not null,
  started     integer not null,
  seen        integer not null,
  alive_until integer not null,
  generation  integer not null default 0
) without rowid;

-- By which settings each daemon works for an account and its channels.
create table settings (
  owner   text not null,
  account text not null,
  digest  text not null,
  primary key (owner, account)
) without rowid;

-- Who did what; each row carries the hash of all before it.
create table audit (
  id      integer primary key autoincrement,
  at      integer not null,
  who     text    not null,
  verb    text    not null,
  post    integer,
  detail  text    not null,
  refused text,
  hash    text    not null,
  door    text    -- by which somebody acted; null: written before that was recorded
);
create trigger audit_update before update on audit
begin
  select raise(abort, 'the audit log is append-only');
end;

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
create trigger audit_delete before delete on audit
when old.id > coalesce((select max(upto) from audit_checkpoints), 0)
begin
  select raise(abort, 'the audit log is append-only');
end;

-- Alerts: when people were last told of a cause.
create table told (cause text primary key, at integer not null) without rowid;
