-- grain: one row per record of roles.csv (OneRoster 1.2), with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    userSourcedId as user_id,
    as_word(role, roles()) as role,
    as_text(orgSourcedId) as org_id,
    as_day(beginDate) as begin_date,
    as_day(endDate) as end_date,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when userSourcedId not in (select user_id from fresh.users)
            then 'userSourcedId|unknown user'
        when is_blank(role) then 'role|empty'
        when not is_among(role, roles()) then not_among('role', 'role', roles())
        when not is_blank(orgSourcedId) and orgSourcedId not in (select org_id from fresh.orgs)
            then 'orgSourcedId|unknown org'
        when not is_blank(beginDate) and not is_day(beginDate)
            then 'beginDate|not a date (yyyy-mm-dd)'
        when not is_blank(endDate) and not is_day(endDate)
            then 'endDate|not a date (yyyy-mm-dd)'
        when as_day(endDate) < as_day(beginDate) then 'endDate|ends before it begins'
    end as problem
from raw
