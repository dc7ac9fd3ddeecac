-- The present chats of channels, and the chats of messages that were posted to earlier ones.

-- name: of_lanes
select id, channel, chat from lanes

-- name: settle
update lanes set chat = :chat where id = :lane

-- name: leave_receipts
update receipts set chat = :chat where lane = :lane and chat is null

-- name: leave_deliveries
-- Deliveries that have begun stay in the chat where they began.
update deliveries set chat = :chat
where lane = :lane and chat is null and state not in ('delivered', 'cancelled')
  and (kind <> 'post' or step > 0 or state in ('sending', 'unknown'))

-- name: left
select distinct chat from receipts where lane = :lane and chat is not null
union
select distinct chat from deliveries where lane = :lane and chat is not null

-- name: return_receipts
update receipts set chat = null where lane = :lane and chat = :chat

-- name: return_deliveries
update deliveries set chat = null where lane = :lane and chat = :chat

-- name: owners
-- Messages in channels of an account that have one of these ids, which are quoted as in `ids`.
select r.post, r.slot, r.lane, r.ids, r.chat, l.channel, l.chat as lane_chat
from lanes l join receipts r on r.lane = l.id
where l.account = :account
  and exists (select 1 from json_each(:ids) j where instr(r.ids, j.value))
order by r.post, r.lane, r.slot
