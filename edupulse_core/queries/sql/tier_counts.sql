-- grain: one row. The viewer's students by tier this week and the week before, and by plain flags.
select
    count(*) as n_students,
    count(*) filter (tier = 'low') as low,
    count(*) filter (tier = 'medium') as medium,
    count(*) filter (tier = 'high') as high,
    count(*) filter (tier = 'critical') as critical,
    count(*) filter (previous_tier = 'low') as low_before,
    count(*) filter (previous_tier = 'medium') as medium_before,
    count(*) filter (previous_tier = 'high') as high_before,
    count(*) filter (previous_tier = 'critical') as critical_before,
    count(*) filter (tier is null) as unscored,
    count(*) filter (flag_a) as flag_a,
    count(*) filter (flag_b) as flag_b,
    count(*) filter (flag_c) as flag_c,
    count(*) filter (new_a) as new_a,
    count(*) filter (new_b) as new_b,
    count(*) filter (new_c) as new_c
from board
join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
    using (student_id)
