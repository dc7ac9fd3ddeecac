-- Targets of posts that have not fanned out yet: a row for all that many channels share, so that a
-- post to a thousand channels is queued as quickly as one to a few.

alter table plan rename to plan_before;

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

insert into plan
select post, row_number() over (partition by post) - 1, account, rendering, lost, deadline, off,
  cancelled, channels
from (
  select post, account, rendering, lost, deadline, off, cancelled,
    json_group_object(channel, position) as channels
  from plan_before group by post, account, rendering, lost, deadline, off, cancelled);

drop table plan_before;

create view targets as
select p.post, c.value as position, c.key as channel, p.account, p.rendering, p.lost, p.deadline,
  p.off, p.cancelled
from plan p join json_each(p.channels) c;
