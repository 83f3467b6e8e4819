-- grain: one row per student and week of $mondays whose outcome is known.
select
    student_id as subject,
    '' as object,
    week_start as day,
    severity as value,
    tier as label,
    severity > 0 as is_positive
from outcomes
where severity is not null and week_start in (select unnest($mondays::date[]))
order by week_start, student_id
