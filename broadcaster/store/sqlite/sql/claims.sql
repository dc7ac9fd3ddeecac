-- Claims: due lanes, the heads of their lines, and leases.

-- name: candidates
-- By lane, never by delivery: the cost stays flat however long the lines are.
select due.id as lane_id, due.channel, due.account, due.fence as lane_fence, due.wake_at,
  d.id, d.post, d.kind, d.state, d.revision, d.rendering, d.step, d.steps, d.next_at, d.deadline,
  d.verify_until, d.looked, d.tries, d.failures, d.first_try, d.sent_at, d.reason, d.chat,
  (select reply_to from posts p where p.id = d.post) as reply_to
from (select * from lanes where account = :account and wake_at <= :now
      and owner is null and parked is null order by wake_at limit :limit) due
left join deliveries d on d.id = (
  select id from deliveries where lane = due.id and open is not null order by order_at, id limit 1)

-- name: start
-- Messages that are on the wire from now on, durably before their first byte, and their lanes leased
-- (`fast_path.sql` has what this does). 
insert into starts (rows, owner, until, now) values (:rows, :owner, :until, :now)

-- name: ready
-- When this account's next lane is due, own leases aside.
select min(wake_at) from lanes
where account = :account and wake_at is not null and parked is null
  and (owner is null or owner <> :owner)

-- name: pace
select not_before, tat from accounts where name = :account

-- name: spend
insert into accounts (name, tat) values (:account, :tat)
on conflict do update set tat = excluded.tat

-- name: live_handles
select file, value, expires from handles
where account = :account and file in (select value from json_each(:files))
  and (expires is null or expires > :now)

-- name: uploading
select u.file, l.wake_at as leased_until from uploads u join lanes l on l.id = u.lane
where u.account = :account and u.file in (select value from json_each(:files))

-- name: put_uploads
insert into uploads (account, file, lane) select value->>'account', value->>'file', value->>'lane'
from json_each(:rows) where true
on conflict do update set lane = excluded.lane

-- name: settle
-- Heads that change without a claim: missed, failed, or unknown and left to a person.
update deliveries set state = j.value->>'state', open = null, reason = j.value->>'reason', done_at = :now
from json_each(:rows) j where deliveries.id = j.value->>'delivery'

-- name: set_aside
-- Deliveries whose rows are damaged, wherever they stand in their lines.
update deliveries set state = iif(state = 'waiting', 'failed', 'unknown'), open = null,
  reason = :reason, done_at = :now
where id in (select value from json_each(:ids)) and state in ('waiting', 'sending', 'unknown')

-- name: known
-- Ids that receipts of the channel own in one chat, from a little before the attempt in doubt on.
select ids from receipts where lane = :lane and recorded >= :since and chat is :chat

-- name: reply_ids
-- A message in another chat cannot be replied to.
select ids from receipts where post = :post and lane = :lane and removed_at is null and chat is :chat
order by slot limit 1

-- name: begun
-- UPLOAD claims whose lease still holds, for a delivery that is still wanted; in the form of
-- `candidates`.
select l.id as lane_id, l.channel, l.account, l.fence - 1 as lane_fence, l.wake_at,
  d.id, d.post, d.kind,
  d.state, d.revision, d.rendering, d.step, d.steps, d.next_at, d.deadline, d.verify_until,
  d.looked, d.tries, d.failures, d.first_try, d.sent_at, d.reason, d.chat, p.reply_to
from json_each(:uploads_done) j
join deliveries d on d.id = j.value->>'delivery' and d.step = j.value->>'step'
join lanes l on l.id = d.lane and l.fence = j.value->>'fence'
join posts p on p.id = d.post
where d.state = 'waiting' and l.owner = :owner and l.delivery = d.id and l.wake_at > :now
  and l.parked is null and p.stage <> 'cancelled'

-- name: dropped
-- Leases of claims whose messages may not begin any more.
select l.id from json_each(:uploads_done) j
join deliveries d on d.id = j.value->>'delivery'
join lanes l on l.id = d.lane and l.fence = j.value->>'fence'
where l.owner = :owner and l.delivery = d.id

-- name: accounts_of
select d.id, l.account from json_each(:ids) j
join deliveries d on d.id = j.value join lanes l on l.id = d.lane

-- name: before
-- All that a tick must know before it claims: the store's name and epoch, the gates' generation, what
-- falls due next; leases of others that ran out, for their owners are dead; how far each account has
-- spent its rate, and until when its platform asks for silence; and what other live daemons say:
-- accounts for which one works by other settings, and accounts that do not answer one just now.
select
  (select group_concat(value, '-') from (
    select value from meta where key in ('store', 'epoch') order by key desc)) as store,
  (select value from meta where key = 'generation') as generation,
  (select min(due) from scheduled) as next_due,
  (select json_group_array(json_object('lane', id, 'delivery', delivery)) from lanes
   where account in (select value from json_each(:accounts)) and wake_at <= :now
     and owner is not null and owner <> :owner) as expired,
  (select json_group_array(json_object('account', name, 'not_before', not_before, 'tat', tat)) from accounts
   where name in (select value from json_each(:accounts))) as paces,
  (select json_group_array(account) from (
    select distinct ours.account from settings ours
    join settings theirs on theirs.account = ours.account and theirs.digest <> ours.digest
    join daemons d on d.owner = theirs.owner and d.alive_until > :now
    where ours.owner = :owner order by ours.account) contested) as contested,
  (select json_group_array(name) from (
    select name from accounts a join daemons d on d.owner = a.noted_by
    where a.breaker = 'open' and a.retry_at > :now and a.noted_by <> :owner
      and d.alive_until > :now
    order by name) down) as down

-- name: next_due
select min(due) from scheduled
