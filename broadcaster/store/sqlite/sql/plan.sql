-- What becomes of posts that have not fanned out.

-- name: put
-- See `fans_json`.
insert into plan (post, part, account, rendering, lost, deadline, off, channels)
select value->>2, key, value->>0, value->>3, value->>5, value->>6, value->>7, value->1
from json_each(:fans)

-- name: targets
select position, channel, account, rendering, lost, deadline, off, cancelled
from targets where post = :post order by position

-- name: replace
insert into plan (post, part, account, rendering, lost, deadline, off, cancelled, channels)
select :post, key, value->>'$[0][0]', value->>'$[0][1]', value->>'$[0][2]', value->>'$[0][3]',
  value->>'$[0][4]', value->>'$[0][5]', value->1
from json_each(:parts)

-- name: drop
delete from plan where post = :post

-- name: left
select exists (select 1 from plan where post = :post and not cancelled)

-- name: begun
-- What of posts goes out now.
delete from plan where post in (select value from json_each(:posts)) and not cancelled

-- name: due
select post from scheduled where due <= :now order by due, post limit :limit

-- name: width
-- How many channels a post goes to.
select count(*) from plan join json_each(channels) where post = :post

-- name: fans
-- Targets of planned posts, in the form `fan_out` takes.
select json_group_array(json_array(account, json(channels), post, rendering,
  json_array_length(r.messages), lost, deadline, off))
from plan p join renderings r on r.digest = p.rendering
where post in (select value from json_each(:posts)) and not cancelled
