-- What nearly every message goes through, each in one step of SQLite: between two steps Python lets
-- another thread in, and has to wait for it.  Triggers are the procedures of SQLite; these are
-- temporary, so they belong to the program that made them and not to the file.

-- name: starts
create temp view starts as select null as rows, null as owner, null as until, null as now

-- name: on_start
create temp trigger starts_in instead of insert on starts
begin
  update deliveries set state = 'sending', tries = tries + 1, fence = j.value->>'fence',
    sent_at = new.now, first_try = coalesce(first_try, new.now),
    chat = iif(step = 0 and kind = 'post', null, chat)
  from json_each(new.rows) j
  where deliveries.id = j.value->>'delivery' and step = j.value->>'step' and state = 'waiting';
  update lanes set owner = new.owner, wake_at = new.until, delivery = j.value->>'delivery', waits_for = null,
    fence = fence + 1
  from json_each(new.rows) j where lanes.id = j.value->>'lane' and owner is null;
end

-- name: receipts
-- `rows`: as `OpenClaims.row` of the program makes them.
create temp view fast_receipts as select null as owner, null as rows, null as now

-- name: on_receipts
-- All of them or none: otherwise the general path records them.
create temp trigger fast_receipts_in instead of insert on fast_receipts
begin
  update deliveries set
    state = iif(step + 1 < steps, 'waiting', 'delivered'), open = iif(step + 1 < steps, 1, null),
    done_at = iif(step + 1 < steps, null, new.now),
    next_at = iif(step + 1 < steps, new.now, next_at),
    step = step + 1, attempts = attempts + 1, failures = 0, first_try = null,
    reason = '', code = '', held_by = null, verify_until = null, deaths = 0,
    looked = 0
  from json_each(new.rows) j
  where deliveries.id = j.value->>'delivery' and deliveries.step = j.value->>'position'
    and deliveries.fence = j.value->>'fence' and state = 'sending' and kind = 'post'
    and superseded_by is null
    and exists (select 1 from lanes l where l.id = deliveries.lane and l.owner = new.owner
                and l.fence = j.value->>'fence' and l.delivery = deliveries.id);
  select raise(abort, 'not all of these receipts take the fast path')
  where changes() <> json_array_length(new.rows);
  insert into receipts (post, lane, slot, ids, at, recorded, note, delivery, rendering, step,
    chat)
  select d.post, d.lane, j.value->>'position', j.value->>'ids', j.value->>'at', new.now, j.value->>'note', d.id,
    d.rendering, j.value->>'position', d.chat
  from json_each(new.rows) j join deliveries d on d.id = j.value->>'delivery';
  update lanes set owner = null, delivery = null, waits_for = null,
    tat = coalesce(max(tat, new.now) + (j.value->>'interval'), tat),
    not_before = coalesce(
      max(not_before, max(tat, new.now) + (j.value->>'interval') - (j.value->>'slack')), not_before),
    wake_at = case when parked is null then (
      select max(h.next_at, lanes.not_before,
        coalesce(max(lanes.tat, new.now) + (j.value->>'interval') - (j.value->>'slack'), 0))
      from deliveries h where h.lane = lanes.id and h.open is not null
      order by h.order_at, h.id limit 1) end
  from json_each(new.rows) j join deliveries d on d.id = j.value->>'delivery'
  where lanes.id = d.lane;
end

-- name: record
insert into fast_receipts (owner, rows, now) values (:owner, :rows, :now)
