-- The queue.  Times are microseconds since 1970 in UTC.  Words are those of the glossary.

-- Small facts of the store itself: epoch (grows with a restore), generation (grows with each
-- change of a gate), changes (grows when a person wrote: what a daemon looks at to be nudged),
-- store (its own name, part of each message's idempotency key).
create table meta (key text primary key, value) without rowid;
insert into meta values
  ('epoch', 1), ('generation', 0), ('changes', 0), ('store', lower(hex(randomblob(8))));

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

-- What channels receive, shared by all that render alike.
create table renderings (digest text primary key, messages text not null) without rowid;

-- Targets of posts that have not fanned out yet.
create table plan (
  post      integer not null references posts,
  position  integer not null,
  channel   text    not null,
  account   text    not null,
  rendering text    not null,
  lost      text    not null default '[]',
  deadline  integer,
  off       integer not null default 0,
  cancelled integer not null default 0,
  primary key (post, channel)
) without rowid;

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
  waits_for  text                          -- digest that another lane uploads; '*' leave to upload;
                                           -- '?' leave to verify
);
create index lanes_wake on lanes (account, wake_at) where wake_at is not null;
create index lanes_waiting on lanes (account, waits_for) where waits_for is not null;
create index lanes_parked on lanes (parked) where parked is not null;
create index lanes_owner on lanes (owner) where owner is not null;

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
  verify_until  integer
);
-- One delivery of a kind and revision per post and channel; also the way from a post to them.
create unique index deliveries_post on deliveries (post, lane, kind, revision);
-- A lane's line.  Its predicate is on `open`, so that claiming touches no index.
create index deliveries_line on deliveries (lane, order_at, id) where open is not null;
create index deliveries_deadline on deliveries (deadline)
  where open is not null and deadline is not null;
-- What waits for a person.
create index deliveries_stuck on deliveries (state, lane)
  where state in ('unknown', 'held', 'failed', 'missed');

-- A delivery with its lane, in the order of the program's `Stored`.
create view delivery_rows as
select d.id, d.post, d.lane, d.kind, d.revision, d.rendering, d.lost, d.counts, d.state, d.step,
  d.steps, d.order_at, d.next_at, d.deadline, d.attempts, d.failures, d.tries, d.first_try, d.fence,
  d.sent_at, d.done_at, d.open, d.reason, d.code, d.held_by, d.superseded_by, d.verify_until,
  l.channel, l.account, l.owner as lane_owner, l.fence as lane_fence, l.delivery as lane_delivery,
  l.parked, (select kind from deliveries s where s.id = d.superseded_by) as successor
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

-- Uploaded files; value null: the platform gave no handle, so there is none to wait for.
create table handles (
  account text not null,
  digest  text not null,
  value   text,
  expires integer,
  primary key (account, digest)
) without rowid;

-- The first upload, or first send, of a file per account runs alone.
create table uploads (
  account text    not null,
  digest  text    not null,
  lane    integer not null,
  primary key (account, digest)
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
  reason     text    not null default ''
) without rowid;

create table schedules (
  name       text primary key,
  definition text    not null,
  next_at    integer,
  paused     integer not null default 0,
  occurrence text
) without rowid;

create table daemons (
  owner       text primary key,
  pid         integer not null,
  host        text    not null,
  started     integer not null,
  seen        integer not null,
  alive_until integer not null,
  generation  integer not null default 0
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
  hash    text    not null
);
create trigger audit_update before update on audit
begin
  select raise(abort, 'the audit log is append-only');
end;
create trigger audit_delete before delete on audit
begin
  select raise(abort, 'the audit log is append-only');
end;
