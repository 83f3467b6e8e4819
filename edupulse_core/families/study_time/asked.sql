-- grain: one row per asked student and skill, as a session that has not begun yet. $skills; where it is empty,
-- the skills that the student worked on in the $recent days up to $day.
-- What the question leaves open is as usual for the student: by their sessions up to $day, never after.
with

past as (
    select *
    from study_sessions
    where student_id in (select unnest($students::varchar[])) and started_at < $day::date + 1
),

usual as (
    select
        student_id,
        mode(study_method) as study_method,
        mode(environment) as environment,
        median(energy_level) as energy_level,
        median(distraction_level) as distraction_level,
        median(breaks_taken) as breaks_taken,
        median(hour(started_at) + minute(started_at) / 60) as usual_time
    from past
    group by student_id
),

given as (
    select unnest($students::varchar[]) as student_id,
        generate_subscripts($students::varchar[], 1) as student_place
),

named as (
    select unnest($skills::varchar[]) as skill_id,
        generate_subscripts($skills::varchar[], 1) as skill_place
),

recent as (
    select student_id, skill_id, -epoch(max(started_at)) as skill_place
    from past
    where started_at >= $day::date - $recent::integer + 1 and len($skills::varchar[]) = 0
    group by all
),

asked as (
    select student_id, student_place, skill_id, skill_place::double as skill_place
    from given
    cross join named
    union all
    select student_id, student_place, skill_id, skill_place
    from given
    join recent using (student_id)
)

select
    '' as session_id,
    asked.student_id,
    asked.skill_id,
    $day::timestamp as started_at,
    null::double as hours,
    coalesce($study_method, usual.study_method) as study_method,
    coalesce($environment, usual.environment) as environment,
    coalesce($energy_level, usual.energy_level)::double as energy_level,
    coalesce($distraction_level, usual.distraction_level)::double as distraction_level,
    coalesce($breaks_taken, usual.breaks_taken)::double as breaks_taken,
    learners.age,
    learners.education_level,
    learners.learning_style,
    learners.avg_focus_duration,
    skills.subject,
    skills.difficulty,
    skills.base_hours,
    skills.content_type,
    len(skills.prerequisites)::double as prerequisites,
    coalesce($time_of_day, usual.usual_time)::double as usual_time
from asked
join skills using (skill_id)
left join usual using (student_id)
left join learners using (student_id)
order by asked.student_place, asked.skill_place
