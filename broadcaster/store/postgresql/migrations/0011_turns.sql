-- Those who write take turns by locks on empty tables, and no longer by advisory locks: any role that may
-- connect to the database can see and take an advisory lock, and so stop the queue; a table takes rights.

create table fan_outs_turn ();
create table decisions_turn ();
create table lanes_turn ();

-- Whoever still works by the older locks ends before; a new database has nobody.
select pg_advisory_xact_lock(1111704403, lock.number)
from unnest(array[1, 0, 2]) as lock (number)
where exists (select 1 from migrations where applied < now());

-- As in 0007_wake.sql, with these locks.
create or replace function tick(_owner text, _results jsonb, _wants jsonb, _lease bigint, _looks boolean,
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
  _odd boolean := false;
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
    if _want.count > 0 and _want.step is not null then  -- whoever is second waits for the first
      insert into accounts (name) values (_want.account) on conflict do nothing;
      select greatest(tat, _at) into _tat from accounts where name = _want.account for update;
      _want.count := least(_want.count, (_want.slack + _want.step + _at - _tat) / _want.step);
    end if;
    if _want.count > 0 then
      _some := claim_plain(_owner, _want, _at + _lease, _at);
      _claims := _claims || _some;
      update accounts set tat = _tat + jsonb_array_length(_some) * _want.step
      where name = _want.account and jsonb_array_length(_some) * _want.step > 0;
      _odd := _odd or jsonb_array_length(_some) < _want.count and waits_odd(_want.account, _at);
    elsif _want.uploads + _want.verifies > 0 then
      _odd := _odd or waits_odd(_want.account, _at);
    end if;
  end loop;

  return (
    select jsonb_build_object(
      'now', _at,
      'claims', _claims,
      'renderings', (
        select jsonb_object_agg(digest, messages) from renderings
        where digest in (select distinct j->>6 from jsonb_array_elements(_claims) j)),
      'due', coalesce(_next.due <= _at, false),
      'odd', _odd or _looks and exists (
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
