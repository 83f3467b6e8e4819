insert into fresh.users
select key, given_name, family_name, username, email, grade, is_active from accepted;

-- Whom a file deletes, and whom a bulk file lacks, becomes inactive; nobody's row goes.
insert into fresh.users
with

listed as (
    select distinct key from checked where key is not null and problem is distinct from 'status|tobedeleted'
),

deleted_here as (
    select distinct key from checked where key is not null and problem = 'status|tobedeleted'
)

select
    old.* replace (
        old.is_active
        and case
            when user_id in (from listed) then true   -- a rejected row says nothing
            when user_id in (from deleted_here) then false
            else getvariable('is_delta') or not getvariable('is_present')
        end as is_active
    )
from earlier.users as old
where user_id not in (select key from accepted);

-- OneRoster 1.1 says a user's role here; 1.2 has a file for it.
insert into fresh.roles
select null, key, role, unnest(case when len(org_ids) > 0 then org_ids else [null] end), null, null
from accepted
where getvariable('version') = '1.1' and role is not null;

insert into fresh.roles
from earlier.roles
where getvariable('version') = '1.2' or user_id not in (select key from accepted)
