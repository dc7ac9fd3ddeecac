-- Deliveries one by one, in batches.

-- name: load
select d.* from jsonb_array_elements(%(ids)s::jsonb) with ordinality j (id, position)
join delivery_rows d on d.id = j.id::bigint order by j.position

-- name: save
-- Moves a row only from the state and step it was read in.
update deliveries set state = j->>'state', step = (j->>'step')::bigint, next_at = (j->>'next_at')::bigint,
  attempts = (j->>'attempts')::bigint, failures = (j->>'failures')::bigint,
  first_try = (j->>'first_try')::bigint,
  open = (j->>'open')::boolean, done_at = (j->>'done_at')::bigint, reason = j->>'reason', code = j->>'code',
  held_by = j->>'held_by', superseded_by = (j->>'superseded_by')::bigint,
  verify_until = (j->>'verify_until')::bigint,
  deaths = (j->>'deaths')::bigint, looked = (j->>'looked')::bigint, chat = j->>'chat'
from jsonb_array_elements(%(rows)s::jsonb) j
where deliveries.id = (j->>'id')::bigint and state = j->>'before' and step = (j->>'before_step')::bigint

-- name: deliver
-- The last receipt of a delivery on the wire: does the same as `save` in its one frequent case.
update deliveries set state = 'delivered', step = step + 1, attempts = attempts + 1, failures = 0,
  first_try = null, open = null, done_at = %(now)s, reason = '', code = '',
  verify_until = null, deaths = 0, looked = 0
where id = any(array(select jsonb_array_elements(%(ids)s::jsonb)::bigint))
  and state = 'sending' and step = steps - 1

-- name: rewrite
-- Another rendering or deadline.
update deliveries set rendering = j->>'rendering', steps = (j->>'steps')::bigint, lost = j->>'lost',
  deadline = (j->>'deadline')::bigint, revision = (j->>'revision')::bigint, counts = (j->>'counts')::boolean
from jsonb_array_elements(%(rows)s::jsonb) j where deliveries.id = (j->>'id')::bigint

-- name: mark
-- On the wire from now on; durable before its first byte.
update deliveries set state = 'sending', tries = tries + 1, fence = (j->>'fence')::bigint,
  sent_at = %(now)s, first_try = coalesce(first_try, %(now)s),
  chat = case when step = 0 and kind = 'post' then null else chat end
from jsonb_array_elements(%(rows)s::jsonb) j
where deliveries.id = (j->>'delivery')::bigint and step = (j->>'step')::bigint and state = 'waiting'

-- name: attempt
insert into attempts (delivery, step, attempt, at, outcome, code, detail)
select (j->>'delivery')::bigint, (j->>'step')::bigint, (j->>'attempt')::bigint, %(now)s,
  j->>'outcome', j->>'code', j->>'detail'
from jsonb_array_elements(%(rows)s::jsonb) j

-- name: stale_tries
-- How often a file of this message was forgotten since it was first tried.
select count(*) from attempts
where delivery = %(delivery)s and step = %(step)s and outcome = 'StaleHandle' and at >= %(since)s

-- name: receipt
insert into receipts (post, lane, slot, ids, at, recorded, note, delivery, rendering, step, chat)
select (j->>'post')::bigint, (j->>'lane')::bigint, (j->>'slot')::bigint, j->>'ids',
  (j->>'at')::bigint, %(now)s, j->>'note',
  (j->>'delivery')::bigint, j->>'rendering', (j->>'step')::bigint, j->>'chat'
from jsonb_array_elements(%(rows)s::jsonb) j

-- name: edited
update receipts set edited_at = %(now)s, rendering = j->>'rendering', step = (j->>'step')::bigint
from jsonb_array_elements(%(rows)s::jsonb) j
where post = (j->>'post')::bigint and lane = (j->>'lane')::bigint and slot = (j->>'slot')::bigint

-- name: removed
update receipts set removed_at = %(now)s from jsonb_array_elements(%(rows)s::jsonb) j
where post = (j->>'post')::bigint and lane = (j->>'lane')::bigint and slot = (j->>'slot')::bigint

-- name: pinned
update receipts set pinned_at = %(now)s from jsonb_array_elements(%(rows)s::jsonb) j
where post = (j->>'post')::bigint and lane = (j->>'lane')::bigint and slot = (j->>'slot')::bigint

-- name: unpinned
update receipts set pinned_at = null from jsonb_array_elements(%(rows)s::jsonb) j
where post = (j->>'post')::bigint and lane = (j->>'lane')::bigint and slot = (j->>'slot')::bigint

-- name: other_pins
-- Pinned messages of other posts in a lane, if their ids are known.
select post, slot, delivery, chat from receipts
where lane = %(lane)s and post <> %(post)s and pinned_at is not null and removed_at is null
  and ids <> '[]' and delivery is not null
order by recorded

-- name: receipt_of
select * from receipts where post = %(post)s and lane = %(lane)s and slot = %(slot)s

-- name: receipts_of
select * from receipts where post = %(post)s and lane = %(lane)s order by slot

-- name: receipt_ids
-- A late receipt adds the ids of a message that a person had confirmed without them.
update receipts set ids = %(ids)s, at = %(at)s
where post = %(post)s and lane = %(lane)s and slot = %(slot)s and ids = '[]'

-- name: handles
-- Several receipts of one turn may bring the same file: the last one counts.
insert into handles (account, file, value, expires)
select distinct on (1, 2) j->>'account', j->>'file', j->>'value', (j->>'expires')::bigint
from jsonb_array_elements(%(rows)s::jsonb) with ordinality as row (j, n) order by 1, 2, n desc
on conflict (account, file) do update set value = excluded.value, expires = excluded.expires

-- name: no_handles
insert into handles (account, file) select j->>'account', j->>'file'
from jsonb_array_elements(%(rows)s::jsonb) j
on conflict do nothing

-- name: stale
delete from handles
where (account, file) in (select j->>'account', j->>'file' from jsonb_array_elements(%(rows)s::jsonb) j)

-- name: cool_down_account
insert into accounts (name, not_before)
select j->>'account', max((j->>'until')::bigint) from jsonb_array_elements(%(rows)s::jsonb) j group by 1
on conflict (name) do update
set not_before = greatest(accounts.not_before, excluded.not_before)

-- name: close_gate
-- A gate that is closed already keeps its reason, unless a new one is given.
insert into gates (scope, name, cause, reason, by, at)
values (%(scope)s, %(name)s, %(cause)s, %(reason)s, %(by)s, %(now)s)
on conflict (scope, name, cause) do update
set reason = excluded.reason, by = excluded.by, at = excluded.at
where excluded.reason <> ''

-- name: next_generation
update meta set value = to_jsonb(value::bigint + 1) where key = 'generation'

-- name: rendering
select messages from renderings where digest = %(digest)s

-- name: put_rendering
-- Renews `used`, so that a prune keeps renderings that are about to be sent.
insert into renderings (digest, messages, plain, used)
select j->>'digest', j->>'messages', coalesce((
    select array_agg(not (m ? 'verb' or m ? 'media') order by n)
    from jsonb_array_elements((j->>'messages')::jsonb) with ordinality e (m, n)), '{}'),
  (extract(epoch from clock_timestamp()) * 1000000)::bigint
from jsonb_array_elements(%(rows)s::jsonb) j order by 1
on conflict (digest) do update set used = excluded.used
