-- The plans of posts that are not fanned out.

-- name: put
-- See `fans_json`.
insert into plan (post, part, account, rendering, lost, deadline, off, channels)
select value->>'post', key, value->>'account', value->>'rendering', value->>'lost',
  value->>'deadline', value->>'off', value->'channels'
from json_each(:fans)

-- name: targets
select position, channel, account, rendering, lost, deadline, off, cancelled
from targets where post = :post order by position

-- name: replace
insert into plan (post, part, account, rendering, lost, deadline, off, cancelled, channels)
select :post, key, value->>'account', value->>'rendering', value->>'lost', value->>'deadline',
  value->>'off', value->>'cancelled', value->'channels'
from json_each(:parts)

-- name: drop
delete from plan where post = :post

-- name: left
select exists (select 1 from plan where post = :post and not cancelled)

-- name: begun
-- The targets of posts that are fanned out now.
delete from plan where post in (select value from json_each(:posts)) and not cancelled

-- name: due
select post from scheduled where due <= :now order by due, post limit :limit

-- name: width
-- The number of channels of a post.
select count(*) from plan join json_each(channels) where post = :post

-- name: damaged
-- Plan rows whose channels are not names with a position each.
select post, part, account, channels from plan p
where post in (select value from json_each(:posts)) and not cancelled
  and not case when json_valid(channels) then json_type(channels) = 'object'
    and not exists (select 1 from json_each(p.channels) c where c.type <> 'integer') else 0 end

-- name: mend
update plan set channels = :channels where post = :post and part = :part

-- name: fail_mended
update deliveries set state = 'failed', open = null, done_at = :now, reason = :reason
where post in (select value from json_each(:posts)) and state = 'waiting' and kind = 'post'
  and lane in (select id from lanes where channel glob '[?]*')

-- name: fans
-- Targets of planned posts, in the form `fan_out` takes.
-- A missing or damaged rendering makes deliveries nevertheless; each of them fails with its reason.
select json_group_array(json_object('account', account, 'channels', json(channels), 'post', post,
  'rendering', rendering,
  'steps', max(1, json_array_length(iif(json_valid(r.messages), r.messages, '[]'))),
  'lost', lost, 'deadline', deadline, 'off', off))
from plan p left join renderings r on r.digest = p.rendering
where post in (select value from json_each(:posts)) and not cancelled
