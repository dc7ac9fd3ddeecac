-- Recurring posts and approval.

alter table schedules
  add column origin     text not null default 'command',
  add column post       bigint,                     -- the last one it made
  add column fired_at   bigint,
  add column passed_at  bigint,                     -- an occurrence was last passed over
  add column problem    text not null default '',
  add column problem_at bigint;

-- Who may not approve a draft, until when it may be, and what was decided.
create table approvals (
  post      bigint  primary key,
  required  boolean not null,                       -- false: its author kept it back
  writers   text    not null,
  lapses_at bigint,                                 -- its slot is over then; null: it has none
  verdict   text check (verdict in ('approved', 'rejected', 'lapsed')),
  by        text    not null default '',
  at        bigint,
  reason    text    not null default '',
  digest    text    not null default ''             -- what was approved
);
create index approvals_pending on approvals (lapses_at)
  where verdict is null and lapses_at is not null;
insert into approvals (post, required, writers)
  select id, false, jsonb_build_array(author)::text from posts
  where stage in ('draft', 'approved');
