-- grain: one row per school with students that has given marks, and none on its last $silent_days
-- school days or more up to $as_of.
with

marks as (
    select line_item_id, max(score_date) as day
    from results
    where
        score_status in ('fully graded', 'partially graded')
        and (score is not null or letter is not null)
        and score_date <= $as_of::date
    group by line_item_id
),

last_marks as (
    select classes.school_id, max(marks.day) as day
    from marks
    join line_items using (line_item_id)
    join classes using (class_id)
    where classes.is_school
    group by classes.school_id
),

stays as (   -- a school that no student attends this school year is closed, not silent
    select school_id, max(end_date) as end_date
    from enrollment_spans
    where role = 'student' and start_date <= $as_of::date
    group by school_id
    having max(end_date) > coalesce(
        (select max(start_date) from school_years where start_date <= $as_of::date),
        '-infinity'::date
    )
),

final as (
    select
        coalesce(any_value(orgs.name), school_id) as school,
        any_value(last_marks.day) as last_mark,
        count(distinct school_days.date) as n_days
    from last_marks
    join stays using (school_id)
    join school_days using (school_id)
    left join orgs on orgs.org_id = school_id
    where
        school_days.date > last_marks.day
        and school_days.date <= $as_of::date
        and school_days.date < stays.end_date
    group by school_id
    having count(distinct school_days.date) >= $silent_days
)

from final order by last_mark, school
