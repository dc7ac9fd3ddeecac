-- Targets of posts that have not fanned out yet: a row for all that many channels share, so that a
-- post to a thousand channels is queued as quickly as one to a few.

alter table plan rename to plan_before;
alter table plan_before rename constraint plan_pkey to plan_before_pkey;

create table plan (
  post      bigint  not null references posts,
  part      bigint  not null,
  account   text    not null,
  rendering text    not null,
  lost      text    not null default '[]',
  deadline  bigint,
  off       boolean not null default false,
  cancelled boolean not null default false,
  channels  text    not null,                 -- {channel: its position among the post's targets}
  primary key (post, part)
);

insert into plan
select post, row_number() over (partition by post) - 1, account, rendering, lost, deadline, off,
  cancelled, channels
from (
  select post, account, rendering, lost, deadline, off, cancelled,
    jsonb_object_agg(channel, position)::text as channels
  from plan_before group by post, account, rendering, lost, deadline, off, cancelled) shared;

drop table plan_before;

create view targets as
select p.post, c.value::bigint as position, c.key as channel, p.account, p.rendering, p.lost,
  p.deadline, p.off, p.cancelled
from plan p cross join jsonb_each_text(p.channels::jsonb) c;
