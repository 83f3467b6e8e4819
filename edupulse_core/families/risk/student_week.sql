-- grain: the newest week of $student_id that ends by $as_of (null: any), if the district's newest.
with

last_week as (
    select max(week_start) as week_start
    from student_weeks
    where $as_of::date is null or week_start + 6 <= $as_of::date
)

select student_id, week_start, school_id, known_weeks
from student_weeks
join last_week using (week_start)
where student_id = $student_id
