-- grain: one row per school. The typical student's week: medians over the known values of the week
-- that starts on $week_start; null where a school knows none.
with

present as (
    select student_id, school_id
    from student_weeks
    where week_start = $week_start::date
),

week as (
    select features.* exclude (student_id, week_start), present.school_id
    from features
    join present using (student_id)
    where features.week_start = $week_start::date
),

final as (
    select school_id, median(columns(* exclude (school_id)))
    from week
    group by school_id
)

select * from final
