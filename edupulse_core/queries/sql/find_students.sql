-- grain: one row per student of the latest week whom the viewer may see and whom the search
-- fits, the first 20 by name, each with how many fit.
select
    student_id,
    name,
    coalesce(grade, 'unknown') as grade,
    coalesce(school, 'no school') as school,
    tier,
    uncertain,
    count(*) over () as n_matching
from board
join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
    using (student_id)
where fits($text, name, student_id)
order by sort_name, student_id
limit 20
