-- grain: one row per student of $student_ids whom the viewer may see.
select student_id
from visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
where list_contains($student_ids::varchar[], student_id)
