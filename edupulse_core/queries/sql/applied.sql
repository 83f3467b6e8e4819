-- grain: one row per program to which the student had applied by $day; without what came of it.
select distinct program_id
from applications
where student_id = $student_id and applied_on <= $day::date
