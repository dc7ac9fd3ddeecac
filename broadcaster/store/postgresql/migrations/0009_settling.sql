-- What is in doubt is settled, and what is out is changed, where it was sent.

-- How many daemons ended at this delivery, one after the other.
alter table deliveries add column deaths bigint not null default 0;
-- How often it was looked for since it came in doubt.
alter table deliveries add column looked bigint not null default 0;

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

-- 0002_plain.sql says what these two are.  What goes on in another chat than its lane's is not plain.
create or replace function record_receipts(_owner text, _told report[], _now bigint) returns void
language plpgsql
as $$
declare
  _at bigint;
  _ours bigint;
  _recorded bigint;
begin
  perform 1 from (select * from unnest(_told) order by lane) told
  cross join lateral (
    select id from lanes l where l.id = told.lane and l.owner = _owner and l.fence = told.fence
      and l.delivery = told.delivery for no key update) held;
  get diagnostics _ours = row_count;
  _at := coalesce(_now, microseconds());

  with moved as (
    update deliveries d set
      state = case when d.step + 1 < d.steps then 'waiting' else 'delivered' end,
      open = case when d.step + 1 < d.steps then true end,
      done_at = case when d.step + 1 < d.steps then null else _at end,
      next_at = case when d.step + 1 < d.steps then _at else d.next_at end,
      step = d.step + 1, attempts = d.attempts + 1, failures = 0, first_try = null,
      reason = '', code = '', held_by = null, verify_until = null, deaths = 0
    from unnest(_told) told
    where d.id = told.delivery and (d.step = told.place and d.fence = told.fence
      and d.state = 'sending' and d.kind = 'post' and d.superseded_by is null) is true
    returning d.post, d.lane, told.place, told.ids, told.at, told.note, d.id, d.rendering, d.chat)
  insert into receipts (post, lane, slot, ids, at, recorded, note, delivery, rendering, step,
    chat)
  select post, lane, place, ids, at, _at, note, id, rendering, place, chat from moved;
  get diagnostics _recorded = row_count;
  if least(_ours, _recorded) <> cardinality(_told) then
    raise exception using errcode = 'BC001', message = 'not all of these receipts are plain';
  end if;

  update lanes set owner = null, delivery = null, waits_for = null,
    tat = coalesce(greatest(tat, _at) + told.step, tat),
    not_before = greatest(not_before, greatest(tat, _at) + told.step - told.slack),
    wake_at = case when parked is null then (
      select greatest(d.next_at, lanes.not_before,
        greatest(lanes.tat, _at) + told.step - told.slack) from deliveries d
      where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1) end
  from unnest(_told) told
  where lanes.id = told.lane;
end $$;

create or replace view heads as
select l.id as lane, l.account, l.channel, l.fence as lane_fence, d.id, d.post, d.revision,
  d.rendering, d.step, d.steps, d.tries, d.failures, d.first_try, d.next_at,
  case when d.step = 0 then d.deadline end as deadline,
  d.state = 'waiting' and d.kind = 'post' and r.plain[d.step + 1]
    and (d.step > 0 or p.reply_to is null) and d.chat is null as plain
from lanes l
cross join lateral (
  select * from deliveries where lane = l.id and open is not null order by order_at, id limit 1) d
join renderings r on r.digest = d.rendering
join posts p on p.id = d.post;
