-- grain: one row per skill that $student_id practiced or studied up to the end of $as_of.
with

answered as (
    select
        skill.skill_id,
        count(*) as answers,
        count(*) filter (interactions.is_correct) as correct,
        max(interactions.answered_at)::date as last_answer
    from interactions
    join items using (item_id), unnest(items.skill_ids) as skill(skill_id)
    where interactions.student_id = $student_id and answered_at < $as_of::date + 1
    group by skill.skill_id
),

studied as (
    select skill_id, count(*) as sessions, sum(hours) as hours, max(started_at)::date as last_session
    from study_sessions
    where student_id = $student_id and started_at < $as_of::date + 1
    group by skill_id
),

final as (
    select
        skills.skill_id,
        skills.title,
        skills.subject,
        coalesce(answered.answers, 0) as answers,
        coalesce(answered.correct, 0) as correct,
        coalesce(studied.sessions, 0) as sessions,
        coalesce(studied.hours, 0) as hours,
        greatest(answered.last_answer, studied.last_session) as last_day
    from skills
    left join answered using (skill_id)
    left join studied using (skill_id)
    where answered.answers is not null or studied.sessions is not null
)

select * from final order by subject nulls last, title, skill_id
