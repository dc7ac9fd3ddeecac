-- The path that nearly every message takes, as one round trip and one commit: `tick`, at the end of
-- this file, whose parts the others are.
--
-- It is the fast path: receipts of posts' messages without files, and lanes at whose head the next
-- such message stands.  All other work (files, edits, doubts, deadlines, dead owners) takes the
-- `general` path: the function answers that there is such work, and the program does it, alone.  So
-- nothing is decided in two places.
--
-- Ticks run beside each other.  Three rules keep them right under READ COMMITTED:
--   1. Whoever waits for lanes' rows waits for all of them at once, in the order of their ids: no
--      deadlock.  Claims skip what is locked, so they never wait.
--   2. What depends on a locked row is read by a later statement, which sees what was committed
--      before the lock was granted: no lost wake-up, no head that is gone.
--   3. The clock is read after the lock: no message is marked before its predecessor was recorded.
--
-- This file is run anew whenever it has changed, in one transaction and while nobody else works.  Posts
-- that fall due are made deliveries beside the tick (`due` says that there are some), while it goes on
-- with what stands in the lanes: all of that comes before them (see the program's `goes_first`).

lock table fan_outs_turn in exclusive mode;
lock table decisions_turn in exclusive mode;
lock table lanes_turn in exclusive mode;

drop function if exists tick;
drop function if exists claim_fast;
drop function if exists claim_plain;
drop function if exists waits_general;
drop function if exists waits_odd;
drop function if exists record_receipts;
drop function if exists microseconds;
drop view if exists heads;
drop type if exists want;
drop type if exists report;

-- `interval` and `slack` are a rate as GCRA has it (the program's `gcra`); null: there is none.
create type want as (account text, count bigint, uploads bigint, verifies bigint,
  "interval" bigint, slack bigint);
create type report as (lane bigint, delivery bigint, position bigint, fence bigint, ids text,
  at bigint, note text, "interval" bigint, slack bigint);

create function microseconds() returns bigint language sql volatile
as $$ select (extract(epoch from clock_timestamp()) * 1000000)::bigint $$;

-- What was posted.  Raises BC001 if any of it does not take the fast path: then nothing of the tick has happened.
--
-- All but the id is one condition that no index can serve: a plan that is made while the table is small
-- must not look through all that is kept by then.
create function record_receipts(_owner text, _rows report[], _now bigint) returns void
language plpgsql
as $$
declare
  _at bigint;
  _ours bigint;
  _recorded bigint;
begin
  perform 1 from (select * from unnest(_rows) order by lane) receipt
  cross join lateral (
    select id from lanes l where l.id = receipt.lane and l.owner = _owner and l.fence = receipt.fence
      and l.delivery = receipt.delivery for no key update) held;
  get diagnostics _ours = row_count;
  _at := coalesce(_now, microseconds());

  with moved as (
    update deliveries d set
      state = case when d.step + 1 < d.steps then 'waiting' else 'delivered' end,
      open = case when d.step + 1 < d.steps then true end,
      done_at = case when d.step + 1 < d.steps then null else _at end,
      next_at = case when d.step + 1 < d.steps then _at else d.next_at end,
      step = d.step + 1, attempts = d.attempts + 1, failures = 0, first_try = null,
      reason = '', code = '', held_by = null, verify_until = null, deaths = 0,
      looked = 0
    from unnest(_rows) receipt
    where d.id = receipt.delivery and (d.step = receipt.position and d.fence = receipt.fence
      and d.state = 'sending' and d.kind = 'post' and d.superseded_by is null) is true
    returning d.post, d.lane, receipt.position, receipt.ids, receipt.at, receipt.note, d.id, d.rendering, d.chat)
  insert into receipts (post, lane, slot, ids, at, recorded, note, delivery, rendering, step,
    chat)
  select post, lane, position, ids, at, _at, note, id, rendering, position, chat from moved;
  get diagnostics _recorded = row_count;
  if least(_ours, _recorded) <> cardinality(_rows) then
    raise exception using errcode = 'BC001', message = 'not all of these receipts take the fast path';
  end if;

  update lanes set owner = null, delivery = null, waits_for = null,
    tat = coalesce(greatest(tat, _at) + receipt."interval", tat),
    not_before = greatest(not_before, greatest(tat, _at) + receipt."interval" - receipt.slack),
    wake_at = case when parked is null then (
      select greatest(d.next_at, lanes.not_before,
        greatest(lanes.tat, _at) + receipt."interval" - receipt.slack) from deliveries d
      where d.lane = lanes.id and d.open is not null order by d.order_at, d.id limit 1) end
  from unnest(_rows) receipt
  where lanes.id = receipt.lane;
end $$;

-- What stands at the head of each lane's line, and whether it takes the fast path.  What goes on in another
-- chat than its lane's does not.
create view heads as
select l.id as lane, l.account, l.channel, l.fence as lane_fence, d.id, d.post, d.revision,
  d.rendering, d.step, d.steps, d.tries, d.failures, d.first_try, d.next_at,
  case when d.step = 0 then d.deadline end as deadline,
  d.state = 'waiting' and d.kind = 'post' and r.plain[d.step + 1]
    and (d.step > 0 or p.reply_to is null) and d.chat is null as fast
from lanes l
cross join lateral (
  select * from deliveries where lane = l.id and open is not null order by order_at, id limit 1) d
join renderings r on r.digest = d.rendering
join posts p on p.id = d.post;

-- Whether work of the general path waits at the head of an account's lanes that are due next.
create function waits_general(_account text, _at bigint) returns boolean
language sql stable
as $$
  select exists (
    select 1 from (
      select id from lanes
      where account = _account and wake_at <= _at and owner is null and parked is null
      order by wake_at, id limit 16) due
    left join lateral (select * from heads where lane = due.id) head on true
    where (fast and next_at <= _at and (deadline is null or deadline > _at)) is not true)
$$;

-- Up to `_want.count` such messages of one account, marked `sending` and leased; as an array of
-- objects, of what the program's `Claim` takes of them.
create function claim_fast(_owner text, _want want, _until bigint, _at bigint) returns jsonb
language plpgsql
as $$
declare
  _lanes bigint[];
  _claims jsonb;
begin
  select array_agg(id) into _lanes from (
    select id from lanes
    where account = _want.account and wake_at <= _at and owner is null and parked is null
    order by wake_at, id limit _want.count for no key update skip locked) due;

  with claimed as materialized (
    select heads.*, due.position from unnest(_lanes) with ordinality due (lane, position)
    join heads on heads.lane = due.lane
    where fast and next_at <= _at and (deadline is null or deadline > _at)),
  marked as (
    update deliveries d set state = 'sending', tries = d.tries + 1, fence = c.lane_fence + 1,
      sent_at = _at, first_try = coalesce(d.first_try, _at)
    from claimed c where d.id = c.id),
  leased as (
    update lanes l set owner = _owner, leased_until = _until, delivery = c.id, waits_for = null,
      fence = l.fence + 1
    from claimed c where l.id = c.lane)
  select jsonb_agg(jsonb_build_object('lane', lane, 'channel', channel, 'account', account,
    'delivery', id, 'post', post, 'revision', revision, 'rendering', rendering, 'position', step,
    'steps', steps, 'attempt', tries + 1, 'failures', failures, 'first_try', first_try,
    'fence', lane_fence + 1) order by position)
  into _claims from claimed;
  return coalesce(_claims, '[]');
end $$;

-- Records receipts, then claims; gives what the program's `Ticks` reads.
--
-- `wake_at` says nothing of what is due already: `due` does, and whoever has its deliveries made knows
-- when they are.
create function tick(_owner text, _results jsonb, _wants jsonb, _lease bigint, _looks boolean,
  _now bigint)
returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  _at bigint;
  _want want;
  _some jsonb;
  _claims jsonb := '[]';
  _general boolean := false;
  _tat bigint;
  _contested text[];
begin
  lock table decisions_turn in row share mode;
  lock table lanes_turn in row share mode;
  if exists (select 1 from meta where key = 'sealed' and value <> '""') then
    raise exception using errcode = 'BC001', message = 'nothing may be written any more';
  end if;
  if _results <> '[]' then
    perform record_receipts(
      _owner, array(select t from jsonb_populate_recordset(null::report, _results) t), _now);
  end if;
  _at := coalesce(_now, microseconds());
  select array_agg(distinct ours.account) into _contested from settings ours
  join settings theirs on theirs.account = ours.account and theirs.digest <> ours.digest
  join daemons d on d.owner = theirs.owner and d.alive_until > _at
  where ours.owner = _owner;
  _wants := coalesce((
    select jsonb_agg(w) from jsonb_array_elements(_wants) w
    where w->>'account' <> all (coalesce(_contested, '{}'))), '[]');

  for _want in
    select w.* from jsonb_populate_recordset(null::want, _wants) w
    where exists (select 1 from lanes l where l.account = w.account and l.wake_at <= _at
                  and l.owner is null and l.parked is null)
    order by w.account
  loop
    if exists (select 1 from accounts where name = _want.account and not_before > _at) then
      _want.count := 0;  -- the platform asks for silence; its public pages may be looked at
      _want.uploads := 0;
    end if;
    if _want.count > 0 and _want."interval" is not null then  -- whoever is second waits for the first
      insert into accounts (name) values (_want.account) on conflict do nothing;
      select greatest(tat, _at) into _tat from accounts where name = _want.account for update;
      _want.count := least(_want.count, (_want.slack + _want."interval" + _at - _tat) / _want."interval");
    end if;
    if _want.count > 0 then
      _some := claim_fast(_owner, _want, _at + _lease, _at);
      _claims := _claims || _some;
      update accounts set tat = _tat + jsonb_array_length(_some) * _want."interval"
      where name = _want.account and jsonb_array_length(_some) * _want."interval" > 0;
      _general := _general or jsonb_array_length(_some) < _want.count and waits_general(_want.account, _at);
    elsif _want.uploads + _want.verifies > 0 then
      _general := _general or waits_general(_want.account, _at);
    end if;
  end loop;

  return (
    select jsonb_build_object(
      'now', _at,
      'claims', _claims,
      'renderings', (
        select jsonb_object_agg(digest, messages) from renderings
        where digest in (select distinct j->>'rendering' from jsonb_array_elements(_claims) j)),
      'due', coalesce(_next.due <= _at, false),
      'general', _general or _looks and exists (
        select 1 from lanes where owner <> _owner and leased_until <= _at
          and account in (select w->>'account' from jsonb_array_elements(_wants) w)) or exists (
        select 1 from jsonb_populate_recordset(null::want, _wants) w
        join lanes l on l.account = w.account
        where l.waits_for = '*' and w.uploads > 0 or l.waits_for = '?' and w.verifies > 0),
      'wake_at', least(case when _next.due > _at then _next.due end, (
        select min(greatest(ready.wake_at, (
          select greatest(a.not_before, a.tat - w.slack) from accounts a
          where a.name = w.account)))
        from jsonb_populate_recordset(null::want, _wants) w
        cross join lateral (
          select wake_at from lanes l
          where l.account = w.account and l.wake_at is not null and l.parked is null
            and l.owner is null
          order by l.wake_at, l.id limit 1) ready
        where w.count > 0)),
      'contested', _contested,
      'down', (
        select jsonb_agg(a.name order by a.name) from accounts a
        join daemons d on d.owner = a.noted_by and d.alive_until > _at
        where a.breaker = 'open' and a.retry_at > _at and a.noted_by <> _owner),
      'generation', (select value from meta where key = 'generation'),
      'store', (select string_agg(value #>> '{}', '-' order by key desc) from meta
                where key in ('store', 'epoch')))
    from (select (select due from scheduled order by due limit 1) as due) _next);
end $$;
