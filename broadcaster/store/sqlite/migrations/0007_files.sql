-- What a platform keeps of a file goes by its bytes, kind and name: the same bytes under another name
-- are uploaded again, for readers see the name.  What was kept by the bytes alone may show a name of
-- an earlier post, so it is forgotten; each file is uploaded once more when it is next posted.
-- Uploads under way end by their lanes, whatever their files are called.
delete from handles;
alter table handles rename column digest to file;
alter table uploads rename column digest to file;
