-- Once imported, a kind of record is known; an empty file says that there were none.
insert into fresh.has_records
select
    name,
    list_contains($here, name)
    or name in (select name from earlier.has_records where present)
from (select unnest($names) as name)
