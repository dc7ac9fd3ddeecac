-- What is in doubt is settled, and what is out is changed, where it was sent.

-- How many daemons ended at this delivery, one after the other.
alter table deliveries add column deaths integer not null default 0;
-- How often it was looked for since it came in doubt.
alter table deliveries add column looked integer not null default 0;

-- The chat that a channel stands for (the program's `Chat`); null: no daemon has said it yet.
alter table lanes add column chat text;
-- Where a message stands, and where a delivery that has begun goes on; null: in its lane's chat.
alter table receipts add column chat text;
alter table deliveries add column chat text;

drop view delivery_rows;
create view delivery_rows as
select d.id, d.post, d.lane, d.kind, d.revision, d.rendering, d.lost, d.counts, d.state, d.step,
  d.steps, d.order_at, d.next_at, d.deadline, d.attempts, d.failures, d.tries, d.first_try, d.fence,
  d.sent_at, d.done_at, d.open, d.reason, d.code, d.held_by, d.superseded_by, d.verify_until,
  l.channel, l.account, l.owner as lane_owner, l.fence as lane_fence, l.delivery as lane_delivery,
  l.parked, (select kind from deliveries s where s.id = d.superseded_by) as successor,
  d.deaths, d.looked, d.chat, l.chat as lane_chat
from deliveries d join lanes l on l.id = d.lane;
