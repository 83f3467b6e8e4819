-- grain: one row if the user is, or ever was, a student; none otherwise.
select distinct user_id
from user_roles
where user_id = $student_id and role = 'student'
