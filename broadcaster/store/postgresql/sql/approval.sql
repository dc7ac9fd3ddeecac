-- Drafts and their approval.

-- name: put
insert into approvals (post, required, writers, lapses_at)
values (%(post)s, %(required)s, %(writers)s, %(lapses_at)s)

-- name: of
select * from approvals where post = %(post)s

-- name: decide
update approvals set verdict = %(verdict)s, by = %(by)s, at = %(now)s, reason = %(reason)s,
  digest = %(digest)s
where post = %(post)s

-- name: reopen
-- The post has changed, so an earlier decision is void.
update approvals set verdict = null, by = '', at = null, reason = '', digest = '',
  writers = %(writers)s, lapses_at = %(lapses_at)s
where post = %(post)s

-- name: lapsed
-- Those of the given drafts whose time for approval is over.
select a.post from approvals a join posts p on p.id = a.post
where a.post = any(array(select jsonb_array_elements(%(posts)s::jsonb)::bigint))
  and p.stage = 'draft' and a.lapses_at <= %(now)s

-- name: lapse
update approvals set verdict = 'lapsed', at = %(now)s
where post in (
  select post from approvals
  where verdict is null and lapses_at is not null and lapses_at <= %(now)s limit %(limit)s)
returning post
