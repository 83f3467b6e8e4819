-- grain: one row per asked student and day with any activity up to the end of that day: days from
-- the last one to that day.
with

asked as (
    select distinct unnest($students::varchar[]) as student_id, unnest($days::date[]) as day
),

activities as (
    select student_id, answered_at as moment from interactions
    union all
    select student_id, started_at from study_sessions
    union all
    select student_id, used_at from ratings
)

select student_id, day, (day - max(moment)::date)::double as value
from asked
join activities using (student_id)
where moment < day + 1
group by student_id, day
