-- Drafts, and who lets them go.

-- name: put
insert into approvals (post, required, writers, lapses_at)
values (:post, :required, :writers, :lapses_at)

-- name: of
select * from approvals where post = :post

-- name: decide
update approvals set verdict = :verdict, by = :by, at = :now, reason = :reason, digest = :digest
where post = :post

-- name: reopen
-- It has changed: nothing that was decided holds any more.
update approvals set verdict = null, by = '', at = null, reason = '', digest = '',
  writers = :writers, lapses_at = :lapses_at
where post = :post

-- name: lapsed
-- Drafts of these whose slot is over.
select a.post from approvals a join posts p on p.id = a.post
where a.post in (select value from json_each(:posts)) and p.stage = 'draft' and a.lapses_at <= :now

-- name: lapse
update approvals set verdict = 'lapsed', at = :now
where post in (
  select post from approvals
  where verdict is null and lapses_at is not null and lapses_at <= :now limit :limit)
returning post
