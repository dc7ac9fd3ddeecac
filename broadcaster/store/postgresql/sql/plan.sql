-- What becomes of posts that have not fanned out.

-- name: put
-- See `fans_json`.
insert into plan (post, part, account, rendering, lost, deadline, off, channels)
select (f->>2)::bigint, part, f->>0, f->>3, f->>5, (f->>6)::bigint, (f->>7)::boolean, f->>1
from jsonb_array_elements(%(fans)s::jsonb) with ordinality each (f, part)

-- name: targets
select position, channel, account, rendering, lost, deadline, off, cancelled
from targets where post = %(post)s order by position

-- name: replace
insert into plan (post, part, account, rendering, lost, deadline, off, cancelled, channels)
select %(post)s, part, p->0->>0, p->0->>1, p->0->>2, (p->0->>3)::bigint, (p->0->>4)::boolean,
  (p->0->>5)::boolean, p->>1
from jsonb_array_elements(%(parts)s::jsonb) with ordinality each (p, part)

-- name: drop
delete from plan where post = %(post)s

-- name: left
select exists (select 1 from plan where post = %(post)s and not cancelled)

-- name: begun
-- What of posts goes out now.
delete from plan
where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) and not cancelled

-- name: due
select post from scheduled where due <= %(now)s order by due, post limit %(limit)s

-- name: width
-- How many channels a post goes to.
select count(*) from plan cross join jsonb_object_keys(channels::jsonb) where post = %(post)s

-- name: fans
-- Targets of planned posts, in the form `fan_out` takes.
select coalesce(jsonb_agg(jsonb_build_array(account, channels::jsonb, post, rendering,
  jsonb_array_length(r.messages::jsonb), lost, deadline, off::int)), '[]')::text
from plan p join renderings r on r.digest = p.rendering
where post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint)) and not cancelled
