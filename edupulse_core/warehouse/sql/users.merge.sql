insert into fresh.users
select key, given_name, family_name, username, email, grade from accepted;

insert into fresh.users
from earlier.users where user_id not in (select key from accepted);

-- OneRoster 1.1 says a user's role here; 1.2 has a file for it.
insert into fresh.roles
select null, key, role, unnest(case when len(org_ids) > 0 then org_ids else [null] end), null, null
from accepted
where getvariable('version') = '1.1' and role is not null;

insert into fresh.roles
from earlier.roles
where getvariable('version') = '1.2' or user_id not in (select key from accepted)
