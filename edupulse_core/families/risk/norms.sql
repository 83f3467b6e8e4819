-- grain: one row per school. The typical student's week: medians over the known values of the week
-- that starts on $week_start; null where a school knows fewer than $fewest, lest it tell of one.
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
    select
        school_id,
        if(
            count(columns(* exclude (school_id))) >= $fewest,
            median(columns(* exclude (school_id))),
            null
        )
    from week
    group by school_id
)

select * from final
