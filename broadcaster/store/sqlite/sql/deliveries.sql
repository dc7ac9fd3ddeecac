-- Deliveries one by one, in batches.

-- name: load
select d.* from json_each(:ids) j join delivery_rows d on d.id = j.value order by j.key

-- name: save
-- Moves a row only from the state and step it was read in.
update deliveries set state = j.value->>3, step = j.value->>4, next_at = j.value->>5,
  attempts = j.value->>6, failures = j.value->>7, first_try = j.value->>8, open = j.value->>9,
  done_at = j.value->>10, reason = j.value->>11, code = j.value->>12, held_by = j.value->>13,
  superseded_by = j.value->>14, verify_until = j.value->>15, deaths = j.value->>16,
  looked = j.value->>17, chat = j.value->>18
from json_each(:rows) j
where deliveries.id = j.value->>0 and state = j.value->>1 and step = j.value->>2

-- name: deliver
-- The last receipt of what was on the wire: what `save` does in the one case that is frequent.
update deliveries set state = 'delivered', step = step + 1, attempts = attempts + 1, failures = 0,
  first_try = null, open = null, done_at = :now, reason = '', code = '',
  verify_until = null, deaths = 0, looked = 0
where id in (select value from json_each(:ids)) and state = 'sending' and step = steps - 1

-- name: rewrite
-- Another content, or another time to be begun by.
update deliveries set rendering = j.value->>1, steps = j.value->>2, lost = j.value->>3,
  deadline = j.value->>4, revision = j.value->>5, counts = j.value->>6
from json_each(:rows) j where deliveries.id = j.value->>0

-- name: mark
-- On the wire from now on; durable before its first byte.
update deliveries set state = 'sending', tries = tries + 1, fence = j.value->>2, sent_at = :now,
  first_try = coalesce(first_try, :now),
  chat = iif(step = 0 and kind = 'post', null, chat)
from json_each(:rows) j
where deliveries.id = j.value->>0 and step = j.value->>1 and state = 'waiting'

-- name: attempt
insert into attempts (delivery, step, attempt, at, outcome, code, detail)
select value->>0, value->>1, value->>2, :now, value->>3, value->>4, value->>5
from json_each(:rows)

-- name: stale_tries
-- How often a file of this message was forgotten since it was first tried.
select count(*) from attempts
where delivery = :delivery and step = :step and outcome = 'StaleHandle' and at >= :since

-- name: receipt
insert into receipts (post, lane, slot, ids, at, recorded, note, delivery, rendering, step, chat)
select value->>0, value->>1, value->>2, value->>3, value->>4, :now, value->>5, value->>6,
  value->>7, value->>8, value->>9
from json_each(:rows)

-- name: edited
update receipts set edited_at = :now, rendering = j.value->>3, step = j.value->>4
from json_each(:rows) j
where post = j.value->>0 and lane = j.value->>1 and slot = j.value->>2

-- name: removed
update receipts set removed_at = :now from json_each(:rows) j
where post = j.value->>0 and lane = j.value->>1 and slot = j.value->>2

-- name: pinned
update receipts set pinned_at = :now from json_each(:rows) j
where post = j.value->>0 and lane = j.value->>1 and slot = j.value->>2

-- name: unpinned
update receipts set pinned_at = null from json_each(:rows) j
where post = j.value->>0 and lane = j.value->>1 and slot = j.value->>2

-- name: other_pins
-- What of other posts is pinned in a lane, as far as it can be named.
select post, slot, delivery, chat from receipts
where lane = :lane and post <> :post and pinned_at is not null and removed_at is null
  and ids <> '[]' and delivery is not null
order by recorded

-- name: receipt_of
select * from receipts where post = :post and lane = :lane and slot = :slot

-- name: receipts_of
select * from receipts where post = :post and lane = :lane order by slot

-- name: receipt_ids
-- A late proof names what a person could only confirm.
update receipts set ids = :ids, at = :at
where post = :post and lane = :lane and slot = :slot and ids = '[]'

-- name: handles
insert into handles (account, file, value, expires)
select value->>0, value->>1, value->>2, value->>3 from json_each(:rows) where true
on conflict do update set value = excluded.value, expires = excluded.expires

-- name: no_handles
insert into handles (account, file) select value->>0, value->>1 from json_each(:rows) where true
on conflict do nothing

-- name: stale
delete from handles
where (account, file) in (select value->>0, value->>1 from json_each(:rows))

-- name: quiet_account
insert into accounts (name, not_before) select value->>0, value->>1 from json_each(:rows) where true
on conflict do update set not_before = max(not_before, excluded.not_before)

-- name: close_gate
insert into gates (scope, name, cause, reason, by, at)
values (:scope, :name, :cause, :reason, :by, :now)
on conflict do update set reason = excluded.reason, by = excluded.by, at = excluded.at

-- name: next_generation
update meta set value = value + 1 where key = 'generation'

-- name: rendering
select messages from renderings where digest = :digest

-- name: put_rendering
-- `used` is renewed, so that a prune leaves alone what is about to be sent.
insert into renderings (digest, messages, used)
select value->>0, value->>1, unixepoch() * 1000000 from json_each(:rows) where true
on conflict do update set used = excluded.used
