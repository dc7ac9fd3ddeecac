-- Claims: due lanes, the heads of their lines, and leases.

-- name: candidates
-- By lane, never by delivery: the cost stays flat however long the lines are.
select due.id as lane_id, due.channel, due.account, due.fence as lane_fence, due.wake_at,
  d.id, d.post, d.kind, d.state, d.revision, d.rendering, d.step, d.steps, d.next_at, d.deadline,
  d.verify_until, d.looked, d.tries, d.failures, d.first_try, d.sent_at, d.reason, d.chat,
  (select reply_to from posts p where p.id = d.post) as reply_to
from (select * from lanes where account = %(account)s and wake_at <= %(now)s
      and owner is null and parked is null order by wake_at, id limit %(limit)s) due
left join lateral (
  select * from deliveries where lane = due.id and open is not null
  order by order_at, id limit 1) d on true
order by due.wake_at, due.id

-- name: start
-- Messages that are on the wire from now on, durably before their first byte, and their lanes leased.
--
with marked as (
  update deliveries set state = 'sending', tries = tries + 1, fence = (j->>'fence')::bigint,
    sent_at = %(now)s, first_try = coalesce(first_try, %(now)s),
    chat = case when step = 0 and kind = 'post' then null else chat end
  from jsonb_array_elements(%(rows)s::jsonb) j
  where deliveries.id = (j->>'delivery')::bigint and step = (j->>'step')::bigint and state = 'waiting')
update lanes set owner = %(owner)s, leased_until = %(until)s, delivery = (j->>'delivery')::bigint,
  waits_for = null, fence = fence + 1
from jsonb_array_elements(%(rows)s::jsonb) j
where lanes.id = (j->>'lane')::bigint and owner is null

-- name: ready
-- When this account's next lane is due.
select wake_at from lanes
where account = %(account)s and wake_at is not null and parked is null and owner is null
order by wake_at, id limit 1

-- name: pace
select not_before, tat from accounts where name = %(account)s

-- name: spend
insert into accounts (name, tat) values (%(account)s, %(tat)s)
on conflict (name) do update set tat = excluded.tat

-- name: live_handles
select file, value, expires from handles
where account = %(account)s and file in (select jsonb_array_elements_text(%(files)s::jsonb))
  and (expires is null or expires > %(now)s)

-- name: uploading
select u.file, l.leased_until from uploads u join lanes l on l.id = u.lane
where u.account = %(account)s and u.file in (select jsonb_array_elements_text(%(files)s::jsonb))

-- name: put_uploads
insert into uploads (account, file, lane) select j->>'account', j->>'file', (j->>'lane')::bigint
from jsonb_array_elements(%(rows)s::jsonb) j
on conflict (account, file) do update set lane = excluded.lane

-- name: settle
-- Heads that change without a claim: missed, failed, or unknown and left to a person.
update deliveries set state = j->>'state', open = null, reason = j->>'reason', done_at = %(now)s
from jsonb_array_elements(%(rows)s::jsonb) j where deliveries.id = (j->>'delivery')::bigint

-- name: known
-- Ids that receipts of the channel own in one chat, from a little before the attempt in doubt on.
select ids from receipts where lane = %(lane)s and recorded >= %(since)s
  and chat is not distinct from %(chat)s

-- name: reply_ids
-- A message in another chat cannot be replied to.
select ids from receipts where post = %(post)s and lane = %(lane)s and removed_at is null
  and chat is not distinct from %(chat)s
order by slot limit 1

-- name: begun
-- UPLOAD claims whose lease still holds, for a delivery that is still wanted; in the form of
-- `candidates`.  One that is marked already under this fence was begun by a tick whose answer got
-- lost: nobody has sent it, and its try is not counted again.
select l.id as lane_id, l.channel, l.account, l.fence - 1 as lane_fence, l.leased_until as wake_at,
  d.id, d.post, d.kind,
  d.state, d.revision, d.rendering, d.step, d.steps, d.next_at, d.deadline, d.verify_until,
  d.looked, d.tries - (d.state = 'sending')::int as tries,
  d.failures, d.first_try, d.sent_at, d.reason, d.chat, p.reply_to
from jsonb_array_elements(%(uploads_done)s::jsonb) j
join deliveries d on d.id = (j->>'delivery')::bigint and d.step = (j->>'step')::bigint
join lanes l on l.id = d.lane and l.fence = (j->>'fence')::bigint
join posts p on p.id = d.post
where (d.state = 'waiting' or d.state = 'sending' and d.fence = l.fence)
  and l.owner = %(owner)s and l.delivery = d.id and l.leased_until > %(now)s
  and l.parked is null and p.stage <> 'cancelled'

-- name: dropped
-- Leases of claims whose messages may not begin any more.
select l.id from jsonb_array_elements(%(uploads_done)s::jsonb) j
join deliveries d on d.id = (j->>'delivery')::bigint
join lanes l on l.id = d.lane and l.fence = (j->>'fence')::bigint
where l.owner = %(owner)s and l.delivery = d.id

-- name: accounts_of
select d.id, l.account from deliveries d join lanes l on l.id = d.lane
where d.id = any(array(select jsonb_array_elements(%(ids)s::jsonb)::bigint))

-- name: before
-- All that a tick must know before it claims: the store's name and epoch, the gates' generation, what
-- falls due next; leases of others that ran out, for their owners are dead; how far each account has
-- spent its rate, and until when its platform asks for silence; and what other live daemons say:
-- accounts for which one works by other settings, and accounts that do not answer one just now.
select
  (select string_agg(value #>> '{}', '-' order by key desc) from meta
   where key in ('store', 'epoch')) as store,
  (select value::bigint from meta where key = 'generation') as generation,
  (select due from scheduled order by due limit 1) as next_due,
  (select coalesce(jsonb_agg(jsonb_build_object('lane', id, 'delivery', delivery)), '[]')::text from lanes
   where owner <> %(owner)s and leased_until <= %(now)s
     and account in (select jsonb_array_elements_text(%(accounts)s::jsonb))) as expired,
  (select coalesce(jsonb_agg(jsonb_build_object('account', name, 'not_before', not_before, 'tat',
  tat)), '[]')::text from accounts
   where name in (select jsonb_array_elements_text(%(accounts)s::jsonb))) as paces,
  (select coalesce(jsonb_agg(account), '[]')::text from (
    select distinct ours.account from settings ours
    join settings theirs on theirs.account = ours.account and theirs.digest <> ours.digest
    join daemons d on d.owner = theirs.owner and d.alive_until > %(now)s
    where ours.owner = %(owner)s order by ours.account) contested) as contested,
  (select coalesce(jsonb_agg(name), '[]')::text from (
    select name from accounts a join daemons d on d.owner = a.noted_by
    where a.breaker = 'open' and a.retry_at > %(now)s and a.noted_by <> %(owner)s
      and d.alive_until > %(now)s
    order by name) down) as down

-- name: next_due
select due from scheduled order by due limit 1
