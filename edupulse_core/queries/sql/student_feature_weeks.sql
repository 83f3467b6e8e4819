-- grain: one row per (week, feature) of the student, the last $n_weeks school weeks, oldest first.
with

weeks as (
    select features.*
    from features
    where student_id = $student_id and week_start <= $week_start::date
    order by week_start desc
    limit $n_weeks
),

final as (
    unpivot weeks
    on columns(* exclude (student_id, week_start))
    into name feature value value
)

select week_start, feature, value
from final
where list_contains($features::varchar[], feature)
order by feature, week_start
