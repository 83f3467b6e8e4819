-- A bulk file replaces all roles of everyone it names; a delta replaces and deletes by key. A role
-- that a bulk file says is deleted is over too, but nobody stops being a student by it.
delete from fresh.roles
where
    user_id in (select user_id from accepted)
    and (
        not getvariable('is_delta')
        or role_id is null
        or role_id in (select key from accepted)
    )
    or role_id in (select key from gone)
    or role <> 'student'
    and role_id in (select key from checked where key is not null and problem = 'status|tobedeleted');

insert into fresh.roles select key, user_id, role, org_id, begin_date, end_date from accepted;

insert into fresh.user_roles
select user_id, role, org_id
from fresh.roles
where
    role in ('student', 'guardian', 'parent', 'relative')   -- for good: the last three never sign in
    or holds(begin_date, end_date);

create or replace temp table students as
select distinct user_id as student_id from fresh.user_roles where role = 'student'
