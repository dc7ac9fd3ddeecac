-- Schedules hold their content: the attached files that their posts will name, by digest.

alter table schedules add column files text not null default '[]';
alter table schedules add column passed_why text not null default '';

-- A row that is damaged hides no other.
drop view targets;
create view targets as
select p.post, c.value as position, c.key as channel, p.account, p.rendering, p.lost, p.deadline,
  p.off, p.cancelled
from plan p join json_each(iif(json_valid(p.channels), p.channels, '{}')) c;

-- How much one person has queued lately.
create index posts_written on posts (author, created);
