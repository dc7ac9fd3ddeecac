-- Deliveries one by one, in batches.

-- name: load
select d.* from json_each(:ids) j join delivery_rows d on d.id = j.value order by j.key

-- name: save
-- Moves a row only from the state and step it was read in.
update deliveries set state = j.value->>'state', step = j.value->>'step', next_at = j.value->>'next_at',
  attempts = j.value->>'attempts', failures = j.value->>'failures',
  first_try = j.value->>'first_try', open = j.value->>'open',
  done_at = j.value->>'done_at', reason = j.value->>'reason', code = j.value->>'code',
  held_by = j.value->>'held_by',
  superseded_by = j.value->>'superseded_by', verify_until = j.value->>'verify_until',
  deaths = j.value->>'deaths',
  looked = j.value->>'looked', chat = j.value->>'chat'
from json_each(:rows) j
where deliveries.id = j.value->>'id' and state = j.value->>'before' and step = j.value->>'before_step'

-- name: deliver
-- The last receipt of a delivery on the wire: does the same as `save` in its one frequent case.
update deliveries set state = 'delivered', step = step + 1, attempts = attempts + 1, failures = 0,
  first_try = null, open = null, done_at = :now, reason = '', code = '',
  verify_until = null, deaths = 0, looked = 0
where id in (select value from json_each(:ids)) and state = 'sending' and step = steps - 1

-- name: rewrite
-- Another rendering or deadline.
update deliveries set rendering = j.value->>'rendering', steps = j.value->>'steps', lost = j.value->>'lost',
  deadline = j.value->>'deadline', revision = j.value->>'revision', counts = j.value->>'counts'
from json_each(:rows) j where deliveries.id = j.value->>'id'

-- name: mark
-- On the wire from now on; durable before its first byte.
update deliveries set state = 'sending', tries = tries + 1, fence = j.value->>'fence', sent_at = :now,
  first_try = coalesce(first_try, :now),
  chat = iif(step = 0 and kind = 'post', null, chat)
from json_each(:rows) j
where deliveries.id = j.value->>'delivery' and step = j.value->>'step' and state = 'waiting'

-- name: attempt
insert into attempts (delivery, step, attempt, at, outcome, code, detail)
select value->>'delivery', value->>'step', value->>'attempt', :now, value->>'outcome',
  value->>'code', value->>'detail'
from json_each(:rows)

-- name: stale_tries
-- How often a file of this message was forgotten since it was first tried.
select count(*) from attempts
where delivery = :delivery and step = :step and outcome = 'StaleHandle' and at >= :since

-- name: receipt
insert into receipts (post, lane, slot, ids, at, recorded, note, delivery, rendering, step, chat)
select value->>'post', value->>'lane', value->>'slot', value->>'ids', value->>'at', :now,
  value->>'note', value->>'delivery',
  value->>'rendering', value->>'step', value->>'chat'
from json_each(:rows)

-- name: edited
update receipts set edited_at = :now, rendering = j.value->>'rendering', step = j.value->>'step'
from json_each(:rows) j
where post = j.value->>'post' and lane = j.value->>'lane' and slot = j.value->>'slot'

-- name: removed
update receipts set removed_at = :now from json_each(:rows) j
where post = j.value->>'post' and lane = j.value->>'lane' and slot = j.value->>'slot'

-- name: pinned
update receipts set pinned_at = :now from json_each(:rows) j
where post = j.value->>'post' and lane = j.value->>'lane' and slot = j.value->>'slot'

-- name: unpinned
update receipts set pinned_at = null from json_each(:rows) j
where post = j.value->>'post' and lane = j.value->>'lane' and slot = j.value->>'slot'

-- name: other_pins
-- Pinned messages of other posts in a lane, if their ids are known.
select post, slot, delivery, chat from receipts
where lane = :lane and post <> :post and pinned_at is not null and removed_at is null
  and ids <> '[]' and delivery is not null
order by recorded

-- name: receipt_of
select * from receipts where post = :post and lane = :lane and slot = :slot

-- name: receipts_of
select * from receipts where post = :post and lane = :lane order by slot

-- name: receipt_ids
-- A late receipt adds the ids of a message that a person had confirmed without them.
update receipts set ids = :ids, at = :at
where post = :post and lane = :lane and slot = :slot and ids = '[]'

-- name: handles
insert into handles (account, file, value, expires)
select value->>'account', value->>'file', value->>'value', value->>'expires' from json_each(:rows) where true
on conflict do update set value = excluded.value, expires = excluded.expires

-- name: no_handles
insert into handles (account, file) select value->>'account', value->>'file' from json_each(:rows) where true
on conflict do nothing

-- name: stale
delete from handles
where (account, file) in (select value->>'account', value->>'file' from json_each(:rows))

-- name: cool_down_account
insert into accounts (name, not_before) select value->>'account', value->>'until'
  from json_each(:rows) where true
on conflict do update set not_before = max(not_before, excluded.not_before)

-- name: close_gate
-- A gate that is closed already keeps its reason, unless a new one is given.
insert into gates (scope, name, cause, reason, by, at)
values (:scope, :name, :cause, :reason, :by, :now)
on conflict do update set reason = excluded.reason, by = excluded.by, at = excluded.at
where excluded.reason <> ''

-- name: next_generation
update meta set value = value + 1 where key = 'generation'

-- name: rendering
select messages from renderings where digest = :digest

-- name: put_rendering
-- Renews `used`, so that a prune keeps renderings that are about to be sent.
insert into renderings (digest, messages, used)
select value->>'digest', value->>'messages', unixepoch() * 1000000 from json_each(:rows) where true
on conflict do update set used = excluded.used
