-- Schedules hold their content: the attached files that their posts will name, by digest.

alter table schedules
  add column files      text not null default '[]',
  add column passed_why text not null default '';

-- JSON of a type; null: it is none.  A row that is damaged hides no other.
create function readable(_text text, _type text) returns jsonb language plpgsql immutable as $$
begin
  return case when jsonb_typeof(_text::jsonb) = _type then _text::jsonb end;
exception when data_exception or statement_too_complex then
  return null;
end $$;

create or replace view targets as
select p.post, case when c.value ~ '^[0-9]+$' then c.value::bigint end as position,
  c.key as channel, p.account, p.rendering, p.lost, p.deadline, p.off, p.cancelled
from plan p cross join jsonb_each_text(readable(p.channels, 'object')) c;

-- How much one person has queued lately.
create index posts_written on posts (author, created);
