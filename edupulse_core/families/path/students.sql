-- grain: one row per student of $students who is in the records.
select distinct user_id
from user_roles
where role = 'student' and list_contains($students::varchar[], user_id)
