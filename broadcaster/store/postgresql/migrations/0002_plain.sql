-- The path that nearly every message takes, as one round trip and one commit: `tick`, whose parts these
-- are; another is in 0006_tick.sql, and itself in 0007_wake.sql.
--
-- It knows plain work only: receipts of posts' plain messages, and lanes at whose head the next
-- plain message stands.  Whatever else there is (files, edits, doubts, deadlines, dead owners) it
-- leaves alone and says that there is something `odd`: the program then decides on it, alone.  So
-- nothing is decided in two places.
--
-- Ticks run beside each other.  Three rules keep them right under READ COMMITTED:
--   1. Whoever waits for lanes' rows waits for all of them at once, in the order of their ids: no
--      deadlock.  Claims skip what is locked, so they never wait.
--   2. What depends on a locked row is read by a later statement, which sees what was committed
--      before the lock was granted: no lost wake-up, no head that is gone.
--   3. The clock is read after the lock: no message is marked before its predecessor was recorded.

-- `step` and `slack` are a rate as GCRA has it (the program's `gcra`); null: there is none.
create type want as (account text, count bigint, uploads bigint, verifies bigint,
  step bigint, slack bigint);
create type report as (lane bigint, delivery bigint, place bigint, fence bigint, ids text,
  at bigint, note text, step bigint, slack bigint);

create function microseconds() returns bigint language sql volatile
as $$ select (extract(epoch from clock_timestamp()) * 1000000)::bigint $$;

-- What was posted.  Raises BC001 if any of it is not plain: then nothing of the tick has happened.
--
-- All but the id is one condition that no index can serve: a plan that is made while the table is small
-- must not look through all that is kept by then.
create function record_receipts(_owner text, _told report[], _now bigint) returns void
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
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
      reason = '', code = '', held_by = null, verify_until = null
    from unnest(_told) told
    where d.id = told.delivery and (d.step = told.place and d.fence = told.fence
      and d.state = 'sending' and d.kind = 'post' and d.superseded_by is null) is true
    returning d.post, d.lane, told.place, told.ids, told.at, told.note, d.id, d.rendering)
  insert into receipts (post, lane, slot, ids, at, recorded, note, delivery, rendering, step)
  select post, lane, place, ids, at, _at, note, id, rendering, place from moved;
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

-- What stands at the head of each lane's line, and whether it is plain work.
create view heads as
select l.id as lane, l.account, l.channel, l.fence as lane_fence, d.id, d.post, d.revision,
  d.rendering, d.step, d.steps, d.tries, d.failures, d.first_try, d.next_at,
  case when d.step = 0 then d.deadline end as deadline,
  d.state = 'waiting' and d.kind = 'post' and r.plain[d.step + 1]
    and (d.step > 0 or p.reply_to is null) as plain
from lanes l
cross join lateral (
  select * from deliveries where lane = l.id and open is not null order by order_at, id limit 1) d
join renderings r on r.digest = d.rendering
join posts p on p.id = d.post;

-- Whether something else waits at the head of an account's lanes that are due next.
create function waits_odd(_account text, _at bigint) returns boolean
language sql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  select exists (
    select 1 from (
      select id from lanes
      where account = _account and wake_at <= _at and owner is null and parked is null
      order by wake_at, id limit 16) due
    left join lateral (select * from heads where lane = due.id) head on true
    where (plain and next_at <= _at and (deadline is null or deadline > _at)) is not true)
$$;
