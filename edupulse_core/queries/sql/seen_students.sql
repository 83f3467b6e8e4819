-- grain: one row per student whom the viewer may see.
select student_id
from visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
