delete from fresh.user_roles where user_id in (select user_id from accepted);

insert into fresh.user_roles select user_id, role, org_id from accepted;

create or replace temp table students as
select distinct user_id as student_id from fresh.user_roles where role = 'student'
