-- grain: one row per program to which the student had applied by $day, with what came of the newest
-- application as the records say today; null: not decided. When that was decided, nobody wrote down.
select program_id, arg_max(coalesce(outcome, ''), applied_on) as outcome
from applications
where student_id = $student_id and applied_on <= $day::date
group by program_id
