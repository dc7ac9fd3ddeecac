-- Deliveries one by one, in batches.

-- name: load
select d.* from jsonb_array_elements(%(ids)s::jsonb) with ordinality j (id, position)
join delivery_rows d on d.id = j.id::bigint order by j.position

-- name: save
-- Moves a row only from the state and step it was read in.
update deliveries set state = j->>3, step = (j->>4)::bigint, next_at = (j->>5)::bigint,
  attempts = (j->>6)::bigint, failures = (j->>7)::bigint, first_try = (j->>8)::bigint,
  open = (j->>9)::boolean, done_at = (j->>10)::bigint, reason = j->>11, code = j->>12,
  held_by = j->>13, superseded_by = (j->>14)::bigint, verify_until = (j->>15)::bigint,
  deaths = (j->>16)::bigint, looked = (j->>17)::bigint, chat = j->>18
from jsonb_array_elements(%(rows)s::jsonb) j
where deliveries.id = (j->>0)::bigint and state = j->>1 and step = (j->>2)::bigint

-- name: deliver
-- The last receipt of what was on the wire: what `save` does in the one case that is frequent.
update deliveries set state = 'delivered', step = step + 1, attempts = attempts + 1, failures = 0,
  first_try = null, open = null, done_at = %(now)s, reason = '', code = '',
  verify_until = null, deaths = 0, looked = 0
where id = any(array(select jsonb_array_elements(%(ids)s::jsonb)::bigint))
  and state = 'sending' and step = steps - 1

-- name: rewrite
-- Another content, or another time to be begun by.
update deliveries set rendering = j->>1, steps = (j->>2)::bigint, lost = j->>3,
  deadline = (j->>4)::bigint, revision = (j->>5)::bigint, counts = (j->>6)::boolean
from jsonb_array_elements(%(rows)s::jsonb) j where deliveries.id = (j->>0)::bigint

-- name: mark
-- On the wire from now on; durable before its first byte.
update deliveries set state = 'sending', tries = tries + 1, fence = (j->>2)::bigint,
  sent_at = %(now)s, first_try = coalesce(first_try, %(now)s),
  chat = case when step = 0 and kind = 'post' then null else chat end
from jsonb_array_elements(%(rows)s::jsonb) j
where deliveries.id = (j->>0)::bigint and step = (j->>1)::bigint and state = 'waiting'

-- name: attempt
insert into attempts (delivery, step, attempt, at, outcome, code, detail)
select (j->>0)::bigint, (j->>1)::bigint, (j->>2)::bigint, %(now)s, j->>3, j->>4, j->>5
from jsonb_array_elements(%(rows)s::jsonb) j

-- name: stale_tries
-- How often a file of this message was forgotten since it was first tried.
select count(*) from attempts
where delivery = %(delivery)s and step = %(step)s and outcome = 'StaleHandle' and at >= %(since)s

-- name: receipt
insert into receipts (post, lane, slot, ids, at, recorded, note, delivery, rendering, step, chat)
select (j->>0)::bigint, (j->>1)::bigint, (j->>2)::bigint, j->>3, (j->>4)::bigint, %(now)s, j->>5,
  (j->>6)::bigint, j->>7, (j->>8)::bigint, j->>9
from jsonb_array_elements(%(rows)s::jsonb) j

-- name: edited
update receipts set edited_at = %(now)s, rendering = j->>3, step = (j->>4)::bigint
from jsonb_array_elements(%(rows)s::jsonb) j
where post = (j->>0)::bigint and lane = (j->>1)::bigint and slot = (j->>2)::bigint

-- name: removed
update receipts set removed_at = %(now)s from jsonb_array_elements(%(rows)s::jsonb) j
where post = (j->>0)::bigint and lane = (j->>1)::bigint and slot = (j->>2)::bigint

-- name: pinned
update receipts set pinned_at = %(now)s from jsonb_array_elements(%(rows)s::jsonb) j
where post = (j->>0)::bigint and lane = (j->>1)::bigint and slot = (j->>2)::bigint

-- name: unpinned
update receipts set pinned_at = null from jsonb_array_elements(%(rows)s::jsonb) j
where post = (j->>0)::bigint and lane = (j->>1)::bigint and slot = (j->>2)::bigint

-- name: other_pins
-- What of other posts is pinned in a lane, as far as it can be named.
select post, slot, delivery, chat from receipts
where lane = %(lane)s and post <> %(post)s and pinned_at is not null and removed_at is null
  and ids <> '[]' and delivery is not null
order by recorded

-- name: receipt_of
select * from receipts where post = %(post)s and lane = %(lane)s and slot = %(slot)s

-- name: receipts_of
select * from receipts where post = %(post)s and lane = %(lane)s order by slot

-- name: receipt_ids
-- A late proof names what a person could only confirm.
update receipts set ids = %(ids)s, at = %(at)s
where post = %(post)s and lane = %(lane)s and slot = %(slot)s and ids = '[]'

-- name: handles
-- Several receipts of one turn may bring the same file: the last one counts.
insert into handles (account, file, value, expires)
select distinct on (1, 2) j->>0, j->>1, j->>2, (j->>3)::bigint
from jsonb_array_elements(%(rows)s::jsonb) with ordinality as row (j, n) order by 1, 2, n desc
on conflict (account, file) do update set value = excluded.value, expires = excluded.expires

-- name: no_handles
insert into handles (account, file) select j->>0, j->>1
from jsonb_array_elements(%(rows)s::jsonb) j
on conflict do nothing

-- name: stale
delete from handles
where (account, file) in (select j->>0, j->>1 from jsonb_array_elements(%(rows)s::jsonb) j)

-- name: quiet_account
insert into accounts (name, not_before)
select j->>0, max((j->>1)::bigint) from jsonb_array_elements(%(rows)s::jsonb) j group by 1
on conflict (name) do update
set not_before = greatest(accounts.not_before, excluded.not_before)

-- name: close_gate
insert into gates (scope, name, cause, reason, by, at)
values (%(scope)s, %(name)s, %(cause)s, %(reason)s, %(by)s, %(now)s)
on conflict (scope, name, cause) do update
set reason = excluded.reason, by = excluded.by, at = excluded.at

-- name: next_generation
update meta set value = to_jsonb(value::bigint + 1) where key = 'generation'

-- name: rendering
select messages from renderings where digest = %(digest)s

-- name: put_rendering
-- `used` is renewed, so that a prune leaves alone what is about to be sent.
insert into renderings (digest, messages, plain, used)
select j->>0, j->>1, coalesce((
    select array_agg(not (m ? 'verb' or m ? 'media') order by n)
    from jsonb_array_elements((j->>1)::jsonb) with ordinality e (m, n)), '{}'),
  (extract(epoch from clock_timestamp()) * 1000000)::bigint
from jsonb_array_elements(%(rows)s::jsonb) j order by 1
on conflict (digest) do update set used = excluded.used
