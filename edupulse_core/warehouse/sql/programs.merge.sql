insert into fresh.programs
select key, title, institution, tier, min_gpa, admit_rate from accepted
union all
from earlier.programs
where program_id not in (select key from accepted) and program_id not in (select key from gone)
