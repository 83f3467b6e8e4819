-- grain: one row per student of $students, with the grade that they are in.
select user_id as student_id, coalesce(grade, '') as grade
from users
where list_contains($students::varchar[], user_id)
order by user_id
