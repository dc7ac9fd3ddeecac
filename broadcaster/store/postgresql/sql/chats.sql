-- The present chats of channels, and the chats of messages that were posted to earlier ones.

-- name: of_lanes
select id, channel, chat from lanes

-- name: settle
update lanes set chat = %(chat)s where id = %(lane)s

-- name: leave_receipts
update receipts set chat = %(chat)s where lane = %(lane)s and chat is null

-- name: leave_deliveries
-- Deliveries that have begun stay in the chat where they began.
update deliveries set chat = %(chat)s
where lane = %(lane)s and chat is null and state not in ('delivered', 'cancelled')
  and (kind <> 'post' or step > 0 or state in ('sending', 'unknown'))

-- name: left
select distinct chat from receipts where lane = %(lane)s and chat is not null
union
select distinct chat from deliveries where lane = %(lane)s and chat is not null

-- name: return_receipts
update receipts set chat = null where lane = %(lane)s and chat = %(chat)s

-- name: return_deliveries
update deliveries set chat = null where lane = %(lane)s and chat = %(chat)s

-- name: owners
-- Messages in channels of an account that have one of these ids, which are quoted as in `ids`.
select r.post, r.slot, r.lane, r.ids, r.chat, l.channel, l.chat as lane_chat
from lanes l join receipts r on r.lane = l.id
where l.account = %(account)s
  and exists (select 1 from jsonb_array_elements_text(%(ids)s::jsonb) j where strpos(r.ids, j) > 0)
order by r.post, r.lane, r.slot
