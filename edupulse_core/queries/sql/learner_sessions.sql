-- grain: one row per study session of $student_id up to the end of $as_of, the newest first.
select
    session.session_id,
    session.started_at,
    session.skill_id,
    skills.title as skill,
    session.hours,
    session.study_method,
    session.environment,
    session.energy_level,
    session.distraction_level,
    session.breaks_taken
from study_sessions as session
left join skills using (skill_id)
where session.student_id = $student_id and session.started_at < $as_of::date + 1
order by session.started_at desc, session.session_id
limit $most
