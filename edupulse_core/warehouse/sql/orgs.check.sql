-- grain: one row per record of orgs.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    name,
    coalesce(as_word(type, org_types()), type) as type,
    as_text(parentSourcedId) as parent_id,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when is_blank(name) then 'name|empty'
        when is_blank(type) then 'type|empty'
        when unfit_name('name', name) is not null then unfit_name('name', name)
        when unfit_id('parentSourcedId', parentSourcedId) is not null then unfit_id('parentSourcedId', parentSourcedId)
    end as problem
from raw
