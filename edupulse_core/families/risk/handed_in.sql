-- grain: one row per student ($student_ids: those, null: all) enrolled in the week that starts on
-- $week_start. What `grd_late_rate_4w` is a share of: results of four weeks of that school year.
with

latest as (
    select student_id, school_year, position
    from student_weeks
    where week_start = $week_start::date
        and ($student_ids is null or list_contains($student_ids::varchar[], student_id))
),

final as (
    select latest.student_id, coalesce(sum(weekly.n_results), 0)::integer as n_handed_in
    from latest
    join student_weeks as month
        on month.student_id = latest.student_id
        and month.school_year is not distinct from latest.school_year
        and month.position between latest.position - 3 and latest.position
    left join weekly
        on weekly.student_id = month.student_id and weekly.week_start = month.week_start
    group by latest.student_id
)

select * from final
