-- grain: one row per labeled student-week of asked_for with enough history, drawn by a checksum, at
-- most $n.
select
    outcomes.student_id,
    outcomes.week_start,
    student_weeks.school_id,
    coalesce(try_cast(users.grade as integer)::varchar, users.grade) as grade,
    outcomes.severity > 0 as has_flag    -- or dropped out, whatever the flags
from outcomes
join asked_for using (student_id, week_start)
join student_weeks using (student_id, week_start)
left join users on users.user_id = outcomes.student_id
where outcomes.severity is not null and student_weeks.known_weeks >= $min_history
qualify row_number() over (order by hash(outcomes.student_id || outcomes.week_start::varchar)) <= $n
order by outcomes.student_id, outcomes.week_start
