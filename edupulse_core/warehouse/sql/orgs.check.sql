-- grain: one row per record of orgs.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    name,
    type,
    as_text(parentSourcedId) as parent_id,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when is_blank(sourcedId) then 'sourcedId|empty'
        when is_blank(name) then 'name|empty'
        when is_blank(type) then 'type|empty'
    end as problem
from raw
