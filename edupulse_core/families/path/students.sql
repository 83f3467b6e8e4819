-- grain: one row per student of $students who is in the records.
select user_roles.user_id, any_value(users.grade) as grade
from user_roles
left join users using (user_id)
where user_roles.role = 'student' and list_contains($students::varchar[], user_roles.user_id)
group by user_roles.user_id
