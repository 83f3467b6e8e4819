insert into fresh.study_sessions
select
    key,
    student_id,
    skill_id,
    moment,
    hours,
    study_method,
    environment,
    energy_level,
    distraction_level,
    breaks_taken
from accepted
union all
from earlier.study_sessions
where session_id not in (select key from accepted) and session_id not in (select key from gone)
