-- The plans of posts that are not fanned out.

-- name: put
-- See `fans_json`.
insert into plan (post, part, account, rendering, lost, deadline, off, channels)
select (f->>'post')::bigint, part, f->>'account', f->>'rendering', f->>'lost',
  (f->>'deadline')::bigint, (f->>'off')::boolean, f->>'channels'
from jsonb_array_elements(%(fans)s::jsonb) with ordinality each (f, part)

-- name: targets
select position, channel, account, rendering, lost, deadline, off, cancelled
from targets where post = %(post)s order by position

-- name: replace
insert into plan (post, part, account, rendering, lost, deadline, off, cancelled, channels)
select %(post)s, part, p->>'account', p->>'rendering', p->>'lost', (p->>'deadline')::bigint,
  (p->>'off')::boolean, (p->>'cancelled')::boolean, p->>'channels'
from jsonb_array_elements(%(parts)s::jsonb) with ordinality each (p, part)

-- name: drop
delete from plan where post = %(post)s

-- name: left
select exists (select 1 from plan where post = %(post)s and not cancelled)

-- name: begun
-- The targets of posts that are fanned out now.
delete from plan
where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) and not cancelled

-- name: due
select post from scheduled where due <= %(now)s order by due, post limit %(limit)s

-- name: width
-- The number of channels of a post.
select count(*) from plan cross join jsonb_object_keys(channels::jsonb) where post = %(post)s

-- name: damaged
-- Plan rows whose channels are not names with a position each.
select post, part, account, channels from plan
where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) and not cancelled
  and (readable(channels, 'object') is null or exists (
    select 1 from jsonb_each(readable(channels, 'object')) c where c.value::text !~ '^[0-9]+$'))

-- name: mend
update plan set channels = %(channels)s where post = %(post)s and part = %(part)s

-- name: fail_mended
update deliveries set state = 'failed', open = null, done_at = %(now)s, reason = %(reason)s
where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
  and state = 'waiting' and kind = 'post'
  and lane in (select id from lanes where channel like '?%%')

-- name: fans
-- Targets of planned posts, in the form `fan_out` takes.
-- A missing or damaged rendering makes deliveries nevertheless; each of them fails with its reason.
select coalesce(jsonb_agg(jsonb_build_object('account', account, 'channels', channels::jsonb,
  'post', post, 'rendering', rendering,
  'steps', greatest(1, jsonb_array_length(readable(r.messages, 'array'))),
  'lost', lost, 'deadline', deadline, 'off', off::int)), '[]')::text
from plan p left join renderings r on r.digest = p.rendering
where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) and not cancelled
