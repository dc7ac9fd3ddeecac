-- Posts that take a slot, and posts that are removed again.

-- The list of slots that its due time is one of; null: it took none.
alter table posts add column slot text;
-- When it is to be removed from its channels; null: never, or it has been done.
alter table posts add column remove_at integer;
create index posts_slot on posts (slot, due) where slot is not null;
create index posts_remove on posts (remove_at) where remove_at is not null;
