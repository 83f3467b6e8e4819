-- grain: one row per (school, grade) of the latest week.
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
where $see_all or list_contains($school_ids::varchar[], school_id)
group by school_id, grade
order by school, grade_order, grade
