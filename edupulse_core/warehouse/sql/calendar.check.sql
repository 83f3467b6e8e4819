-- grain: one row per record of calendar.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    {org: orgSourcedId, date: as_day(date)} as key,
    as_day(date) as anchor,
    orgSourcedId as org_id,
    as_truth(isInstructional) as is_instructional,
    case
        when deletes(status, not is_blank(orgSourcedId) and is_day(date)) then 'status|tobedeleted'
        when orgSourcedId not in (select org_id from fresh.orgs) then 'orgSourcedId|unknown org'
        when not is_day(date) then 'date|not a date (yyyy-mm-dd)'
        when not is_truth(isInstructional) then 'isInstructional|not true or false'
    end as problem
from raw
