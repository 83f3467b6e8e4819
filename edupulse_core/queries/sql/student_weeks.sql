-- grain: one row per school week of the student, the last $n_weeks up to $week_start, oldest first.
with

final as (
    select week_start
    from student_weeks
    where student_id = $student_id and week_start <= $week_start::date
    order by week_start desc
    limit $n_weeks
)

select * from final order by week_start
