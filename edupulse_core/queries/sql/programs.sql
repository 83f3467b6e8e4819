-- grain: one row per program. No student is in it.
select program_id, title, institution, tier, min_gpa as minimum_gpa, admit_rate
from programs
order by program_id
