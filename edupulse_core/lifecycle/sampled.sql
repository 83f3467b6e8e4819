-- grain: one row per sampled student and week; in each week at most $most, the same share everywhere.
with

weeks as (
    select distinct week_start
    from student_weeks
    where week_start + 6 <= $as_of::date
    order by week_start desc
    limit $weeks
),

ordered as (
    select
        student_id,
        week_start,
        school_id,
        row_number() over (partition by week_start order by md5(student_id), student_id) as place
    from student_weeks
    join weeks using (week_start)
),

final as (
    select week_start, student_id, school_id
    from ordered
    where place <= $most
)

select * from final
order by week_start, student_id
