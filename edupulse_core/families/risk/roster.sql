-- grain: one row per active student enrolled in the week that starts on $week_start; of
-- $student_ids, unless null.
select student_id, week_start, school_id, known_weeks
from student_weeks
where week_start = $week_start::date
    and student_id not in (select user_id from users where not is_active)
    and ($student_ids is null or list_contains($student_ids::varchar[], student_id))
order by student_id
