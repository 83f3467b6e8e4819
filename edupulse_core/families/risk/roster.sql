-- grain: one row per student enrolled in the week that starts on $week_start.
select student_id, week_start, school_id, known_weeks
from student_weeks
where week_start = $week_start::date
order by student_id
