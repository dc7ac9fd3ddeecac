-- By which door somebody acted; null: written before that was recorded, and not part of the row's hash.
alter table audit add column door text;
