-- Drafts and their approval.

-- name: put
insert into approvals (post, required, writers, lapses_at)
values (:post, :required, :writers, :lapses_at)

-- name: of
select * from approvals where post = :post

-- name: decide
update approvals set verdict = :verdict, by = :by, at = :now, reason = :reason, digest = :digest
where post = :post

-- name: reopen
-- The post has changed, so an earlier decision is void.
update approvals set verdict = null, by = '', at = null, reason = '', digest = '',
  writers = :writers, lapses_at = :lapses_at
where post = :post

-- name: lapsed
-- Those of the given drafts whose time for approval is over.
select a.post from approvals a join posts p on p.id = a.post
where a.post in (select value from json_each(:posts)) and p.stage = 'draft' and a.lapses_at <= :now

-- name: lapse
update approvals set verdict = 'lapsed', at = :now
where post in (
  select post from approvals
  where verdict is null and lapses_at is not null and lapses_at <= :now limit :limit)
returning post
