-- grain: one row, a student's name; none where nobody has this id.
select trim(concat_ws(' ', given_name, family_name)) as name
from users
where user_id = $student_id
