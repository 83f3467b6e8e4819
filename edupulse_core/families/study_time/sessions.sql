-- grain: one row per study session of the given students ($students null: of all) that began by $until
-- ($until null: all), in the order of each student's time.
select
    sessions.session_id,
    sessions.student_id,
    sessions.skill_id,
    sessions.started_at,
    sessions.hours,
    sessions.study_method,
    sessions.environment,
    sessions.energy_level,
    sessions.distraction_level,
    sessions.breaks_taken::double as breaks_taken,
    learners.age,
    learners.education_level,
    learners.learning_style,
    learners.avg_focus_duration,
    skills.subject,
    skills.difficulty,
    skills.base_hours,
    skills.content_type,
    len(skills.prerequisites)::double as prerequisites,
    null::double as usual_time
from study_sessions as sessions
left join learners using (student_id)
left join skills using (skill_id)
where sessions.hours > 0
    and sessions.started_at is not null
    and ($students::varchar[] is null or sessions.student_id in (select unnest($students::varchar[])))
    and ($until::date is null or sessions.started_at < $until::date + 1)
order by sessions.student_id, sessions.started_at, sessions.session_id
