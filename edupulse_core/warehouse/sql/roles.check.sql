-- grain: one row per record of roles.csv (OneRoster 1.2), with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    userSourcedId as user_id,
    role,
    as_text(orgSourcedId) as org_id,
    case
        when is_deleted(status) then 'status|tobedeleted'
        when is_blank(sourcedId) then 'sourcedId|empty'
        when userSourcedId not in (select user_id from fresh.users)
            then 'userSourcedId|unknown user'
        when is_blank(role) then 'role|empty'
        when not is_role(role) then 'role|unknown role'
        when not is_blank(orgSourcedId) and orgSourcedId not in (select org_id from fresh.orgs)
            then 'orgSourcedId|unknown org'
    end as problem
from raw
