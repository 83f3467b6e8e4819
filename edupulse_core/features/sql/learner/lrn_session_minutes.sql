-- grain: one row per asked student and day with a study session begun by the end of that day: how
-- long they lasted on average.
with

asked as (
    select distinct unnest($students::varchar[]) as student_id, unnest($days::date[]) as day
)

select student_id, day, 60 * avg(hours) as value
from asked
join study_sessions using (student_id)
where started_at < day + 1
group by student_id, day
