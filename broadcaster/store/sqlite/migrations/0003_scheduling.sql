-- Recurring posts and approval.

alter table schedules add column origin text not null default 'command';
alter table schedules add column post integer;              -- the last one it made
alter table schedules add column fired_at integer;
alter table schedules add column passed_at integer;         -- an occurrence was last passed over
alter table schedules add column problem text not null default '';
alter table schedules add column problem_at integer;

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
insert into approvals (post, required, writers)
  select id, 0, json_array(author) from posts where stage in ('draft', 'approved');
