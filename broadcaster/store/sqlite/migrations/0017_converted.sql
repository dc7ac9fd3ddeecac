-- What was made of a post's pictures for platforms that refuse them: [{of, media, loss}].
alter table posts add column converted text not null default '[]';
