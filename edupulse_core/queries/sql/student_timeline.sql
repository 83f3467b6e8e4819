-- grain: one row per school week of the student, the last $n_weeks up to $week_start, oldest first.
-- Null is unknown: records of that kind were never imported, or not for that week.
with

final as (
    select
        week_start,
        days_enrolled,
        days_absent,
        round(1 - days_absent / nullif(days_known, 0), 2) as attendance,
        n_tardies,
        round(score_mean, 2) as score_mean,
        if($has_grades, n_results, null) as n_results,
        if($has_grades, n_missing, null) as n_missing,
        if($has_incidents, n_incidents, null) as n_incidents,
        if($has_incidents, days_removed, null) as days_removed
    from weekly
    where student_id = $student_id and week_start <= $week_start::date
    order by week_start desc
    limit $n_weeks
)

select * from final order by week_start
