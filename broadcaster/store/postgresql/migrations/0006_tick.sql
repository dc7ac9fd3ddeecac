-- Parts of the tick, which is in 0007_wake.sql; 0002_plain.sql says what it is, and has others.
--
-- Posts that fall due are made deliveries beside it (`due` says that there are some), while it goes on with
-- what stands in the lanes: all of that comes before them (see the program's `goes_first`).
--
-- A lease writes into no index: `wake_at` of a lane that is leased stays as it was, and says nothing.  The
-- end of a lease is `leased_until`, which is looked at once a second by way of all lanes.

alter table lanes add column leased_until bigint;
update lanes set leased_until = wake_at where owner is not null;
drop index lanes_leased;

-- They are called by `tick` alone, which has these settings already; to set them takes time.
alter function record_receipts(text, report[], bigint) reset all;
alter function waits_odd(text, bigint) reset all;

-- Up to `_want.count` plain messages of one account, marked `sending` and leased; as rows
-- [lane, channel, account, delivery, post, revision, rendering, step, steps, attempt, failures,
-- first_try, fence].
create or replace function claim_plain(_owner text, _want want, _until bigint, _at bigint) returns jsonb
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
    where plain and next_at <= _at and (deadline is null or deadline > _at)),
  marked as (
    update deliveries d set state = 'sending', tries = d.tries + 1, fence = c.lane_fence + 1,
      sent_at = _at, first_try = coalesce(d.first_try, _at)
    from claimed c where d.id = c.id),
  leased as (
    update lanes l set owner = _owner, leased_until = _until, delivery = c.id, waits_for = null,
      fence = l.fence + 1
    from claimed c where l.id = c.lane)
  select jsonb_agg(jsonb_build_array(lane, channel, account, id, post, revision, rendering, step,
    steps, tries + 1, failures, first_try, lane_fence + 1) order by position)
  into _claims from claimed;
  return coalesce(_claims, '[]');
end $$;

drop function if exists tick(text, jsonb, jsonb, bigint, bigint);
