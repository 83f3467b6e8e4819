-- grain: one row per sampled student and week: of every $every-th of the $weeks newest weeks, at most
-- $most students, the same share of every school.
with

newest as (
    select week_start, row_number() over (order by week_start desc) as back
    from student_weeks
    where week_start + 6 <= $as_of::date
    group by week_start
),

weeks as (
    select week_start
    from newest
    where back <= $weeks and (back - 1) % $every = 0
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
