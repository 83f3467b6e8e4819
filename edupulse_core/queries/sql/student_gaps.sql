-- grain: one row per calendar week without a row between the student's weeks $first and $last.
with

mondays as (
    select unnest(generate_series($first::date, $last::date, interval 7 days))::date as week_start
),

school as (
    select distinct week_start
    from student_weeks
    where school_id = $school_id and week_start between $first::date and $last::date
),

final as (
    select mondays.week_start, school.week_start is not null as was_school
    from mondays
    left join school using (week_start)
    where not exists (
        from student_weeks
        where student_weeks.student_id = $student_id
            and student_weeks.week_start = mondays.week_start
    )
)

select * from final order by week_start
