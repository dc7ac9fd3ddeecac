-- Schedules hold their content: the attached files that their posts will name, by digest.

alter table schedules
  add column files      text not null default '[]',
  add column passed_why text not null default '';
