-- grain: one row per record of users.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    givenName as given_name,
    familyName as family_name,
    as_text(username) as username,
    as_text(email) as email,
    as_list(grades)[1] as grade,
    as_text(role) as role,
    as_list(orgSourcedIds) as org_ids,
    coalesce(lower(trim(status)), '') <> 'inactive'
    and (is_blank(enabledUser) or lower(trim(enabledUser)) in ('true', 't', 'yes', 'y', '1'))
        as is_active,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when is_blank(sourcedId) then 'sourcedId|empty'
        when is_blank(givenName) and is_blank(familyName) then 'familyName|empty'
        when getvariable('version') = '1.1' and is_blank(role) then 'role|empty'
        when getvariable('version') = '1.1' and not is_among(role, roles())
            then not_among('role', 'role', role, roles())
    end as problem
from raw
