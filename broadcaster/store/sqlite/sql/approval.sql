-- Drafts and their approval.

-- name: put
insert into approvals (post, required, writers, lapses_at, asked_at)
values (:post, :required, :writers, :lapses_at, :now)

-- name: of
select * from approvals where post = :post

-- name: decide
update approvals set verdict = :verdict, by = :by, at = :now, reason = :reason, digest = :digest,
  returned = :returned
where post = :post

-- name: agree
-- So many approve what has this digest.
update approvals set approvers = :approvers, digest = :digest where post = :post

-- name: void
-- What was approved is not what is there now.
update approvals set approvers = '[]' where post = :post

-- name: reopen
-- The post has changed, so earlier decisions are void.
update approvals set verdict = null, by = '', at = null, reason = '', digest = '', approvers = '[]',
  returned = 0, asked_at = :now, writers = :writers, lapses_at = :lapses_at
where post = :post

-- name: known_as
-- Other names of these people: that of their account on the machine, and that of its user.
select name, os_user from users
where removed_at is null and os_user is not null
  and (name in (select value from json_each(:names)) or os_user in (select value from json_each(:names)))

-- name: lapsed
-- Those of the given drafts whose time for approval is over.
select a.post from approvals a join posts p on p.id = a.post
where a.post in (select value from json_each(:posts)) and p.stage = 'draft'
  and a.returned = 0 and a.lapses_at <= :now

-- name: returned
-- Drafts of these that wait for their author.
select a.post from approvals a join posts p on p.id = a.post
where a.post in (select value from json_each(:posts)) and p.stage = 'draft'
  and a.returned = 1

-- name: lapse
update approvals set verdict = 'lapsed', at = :now
where post in (
  select post from approvals
  where verdict is null and lapses_at is not null and lapses_at <= :now limit :limit)
returning post

-- name: asked
-- Drafts that began to wait for approval after a time.
select a.*, p.author, p.source, p.due from approvals a join posts p on p.id = a.post
where a.asked_at > :since and a.verdict is null and p.stage = 'draft'
order by a.asked_at, a.post limit :limit

-- name: decided
-- What was decided after a time, or lapsed.
select a.*, p.author, p.source, p.due from approvals a join posts p on p.id = a.post
where a.at > :since and a.verdict is not null
order by a.at, a.post limit :limit
