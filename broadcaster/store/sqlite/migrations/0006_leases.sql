-- Every tick asks whether a lease of somebody else has run out.  Without this it looked through all
-- lanes that were due.
create index lanes_leased on lanes (account, wake_at) where owner is not null;
