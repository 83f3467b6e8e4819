-- grain: one row per (school that the viewer may look at as a whole, grade) of the latest week.
select
    school_id,
    any_value(school) as school,
    grade,
    any_value(grade_order) as grade_order,
    count(tier) as students,  -- with a score
    count(*) filter (tier = 'critical') as critical,
    count(*) filter (tier = 'high') as high,
    count(*) filter (tier = 'medium') as medium,
    count(*) filter (tier = 'low') as low
from board
join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
    using (student_id)
where $see_all or list_contains($whole_schools::varchar[], school_id)
group by school_id, grade
order by school, grade_order, grade
