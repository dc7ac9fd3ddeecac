-- The record: every text that a post ever had, and what stands in each channel.

-- How the author came (the program's `Door`; null: written before that was kept), when its hour came or
-- a person last did something with it, its texts as a search compares them (null: not folded yet), and
-- which post it corrects.
alter table posts add column door text;
alter table posts add column active bigint not null default 0;
alter table posts add column words text;
alter table posts add column corrects bigint;
update posts set active = case when stage = 'fanned-out' then greatest(created, due) else created end;
create index posts_active on posts (active, id);
create index posts_unfolded on posts (id) where words is null;
create index posts_corrects on posts (corrects) where corrects is not null;

-- Texts of a post that was edited, the present one included.  A post without rows here has one version:
-- what `posts` says.
create table versions (
  post     bigint not null references posts,
  number   bigint not null,              -- from 1
  revision bigint not null,              -- of the post, from which on this is its text
  source   text   not null,
  texts    text   not null,
  media    text   not null,
  options  text   not null,
  digest   text   not null,              -- SHA-256 over the four
  by       text   not null,
  door     text,
  at       bigint not null,
  primary key (post, number)
);

-- What happened to a post in a channel that no delivery tells of.
create table remarks (
  post    bigint not null references posts,
  number  bigint not null,               -- from 1, in the order of time
  channel text   not null,
  what    text   not null
          check (what in ('edit refused', 'recall refused', 'says so already',
                          'removed by hand', 'stands after all', 'confirmation corrected')),
  version bigint,                        -- the text that was wanted there
  why     text   not null default '',
  by      text   not null,
  door    text,
  at      bigint not null,
  primary key (post, number)
);

-- Who removed a message by hand; null: it stands, or the program removed it.
alter table receipts add column removed_by text;

-- Deliveries of posts that were settled long ago: what became of them, without what is needed to send.
create table archive (
  id            bigint not null,
  post          bigint not null references posts,
  lane          bigint not null references lanes,
  kind          text    not null,
  revision      bigint not null,
  rendering     text    not null,
  lost          text    not null,
  counts        boolean not null,
  state         text    not null,
  step          bigint not null,
  steps         bigint not null,
  order_at      bigint not null,
  attempts      bigint not null,
  done_at       bigint,
  reason        text    not null,
  code          text    not null,
  superseded_by bigint,
  primary key (post, id)
);
