-- grain: one row per student of $student_ids with a mark in the school year of the week that starts
-- on $week_start, known as of that week: their school weeks after the one of the last mark.
with

weeks as (
    select student_id, school_year, week_start
    from student_weeks
    where
        student_id in (select unnest($student_ids::varchar[]))
        and week_start <= $week_start::date
),

place as (
    select student_id, school_year from weeks where week_start = $week_start::date
),

last_marks as (
    select place.student_id, place.school_year, max(results.score_date) as day
    from results
    join place using (student_id)
    join school_years using (school_year)
    join line_items using (line_item_id)
    left join lettered using (result_id)
    where
        results.score_status in ('fully graded', 'partially graded')
        and (results.score is not null or lettered.share is not null)
        and results.score_date >= school_years.start_date
        and (school_years.end_date is null or results.score_date < school_years.end_date)
        and results.score_date <= $week_start::date + 6
    group by place.student_id, place.school_year
),

final as (
    select weeks.student_id, count(*) - 1 as age   -- the first such week is the mark's own
    from weeks
    join last_marks using (student_id, school_year)
    where weeks.week_start + 6 >= last_marks.day
    group by weeks.student_id
)

from final
