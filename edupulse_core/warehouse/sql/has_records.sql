-- Once imported, a kind of record is known; an empty file says that there were none.
insert into fresh.has_records
select $name, $is_here or exists (from earlier.has_records where name = $name and present)
