-- What 0014 adds to SQLite, this database has had from the start.
select 1;
