-- `required` says how many people have to approve a draft; these have done so.
alter table approvals add column approvers text not null default '[]';
-- A draft that was returned to its author has the verdict 'rejected', and this.
alter table approvals add column returned integer not null default 0;
-- When it began to wait for approval, the last time.
alter table approvals add column asked_at integer not null default 0;
update approvals set approvers = json_array(by) where verdict = 'approved';
update approvals set asked_at = coalesce((select created from posts where id = post), 0);
-- Alerts ask every few seconds what has happened lately.
create index approvals_asked on approvals (asked_at);
create index approvals_decided on approvals (at) where at is not null;
