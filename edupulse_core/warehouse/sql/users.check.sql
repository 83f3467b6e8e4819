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
    coalesce(as_word(role, roles()), as_text(role)) as role,
    coalesce(as_truth(enabledUser), is_blank(enabledUser))
    and coalesce(folded(status), '') <> 'inactive' as is_active,
    as_list(orgSourcedIds) as org_ids,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when is_blank(givenName) and is_blank(familyName) then 'givenName|empty'
        when unfit_name('givenName', givenName) is not null then unfit_name('givenName', givenName)
        when unfit_name('familyName', familyName) is not null then unfit_name('familyName', familyName)
        when getvariable('version') = '1.1' and is_blank(role) then 'role|empty'
        when getvariable('version') = '1.1' and not is_among(role, roles())
            then not_among('role', 'role', roles())
        when len(list_filter(as_list(orgSourcedIds), lambda id: length(id) > 255)) > 0
            then 'orgSourcedIds|longer than 255 characters'
    end as problem
from raw;

insert into doubts
select 'users', 'enabledUser', count(*), 'false'
from raw
where not is_blank(enabledUser) and not is_truth(enabledUser)
having count(*) > 0
