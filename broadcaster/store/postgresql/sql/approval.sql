-- Drafts and their approval.

-- name: put
insert into approvals (post, required, writers, lapses_at, asked_at)
values (%(post)s, %(required)s, %(writers)s, %(lapses_at)s, %(now)s)

-- name: of
select * from approvals where post = %(post)s

-- name: decide
update approvals set verdict = %(verdict)s, by = %(by)s, at = %(now)s, reason = %(reason)s,
  digest = %(digest)s, returned = %(returned)s
where post = %(post)s

-- name: agree
-- So many approve what has this digest.
update approvals set approvers = %(approvers)s, digest = %(digest)s where post = %(post)s

-- name: void
-- What was approved is not what is there now.
update approvals set approvers = '[]' where post = %(post)s

-- name: reopen
-- The post has changed, so earlier decisions are void.
update approvals set verdict = null, by = '', at = null, reason = '', digest = '', approvers = '[]',
  returned = 0, asked_at = %(now)s, writers = %(writers)s, lapses_at = %(lapses_at)s
where post = %(post)s

-- name: known_as
-- Other names of these people: that of their account on the machine, and that of its user.
select name, os_user from users
where removed_at is null and os_user is not null
  and (name in (select jsonb_array_elements_text(%(names)s::jsonb))
    or os_user in (select jsonb_array_elements_text(%(names)s::jsonb)))

-- name: lapsed
-- Those of the given drafts whose time for approval is over.
select a.post from approvals a join posts p on p.id = a.post
where a.post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
  and p.stage = 'draft' and a.returned = 0 and a.lapses_at <= %(now)s

-- name: returned
-- Drafts of these that wait for their author.
select a.post from approvals a join posts p on p.id = a.post
where a.post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
  and p.stage = 'draft' and a.returned = 1

-- name: lapse
update approvals set verdict = 'lapsed', at = %(now)s
where post in (
  select post from approvals
  where verdict is null and lapses_at is not null and lapses_at <= %(now)s limit %(limit)s)
returning post

-- name: asked
-- Drafts that began to wait for approval after a time.
select a.*, p.author, p.source, p.due from approvals a join posts p on p.id = a.post
where a.asked_at > %(since)s and a.verdict is null and p.stage = 'draft'
order by a.asked_at, a.post limit %(limit)s

-- name: decided
-- What was decided after a time, or lapsed.
select a.*, p.author, p.source, p.due from approvals a join posts p on p.id = a.post
where a.at > %(since)s and a.verdict is not null
order by a.at, a.post limit %(limit)s
