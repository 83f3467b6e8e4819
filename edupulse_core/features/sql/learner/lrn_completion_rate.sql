-- grain: one row per asked student and day on which the student had begun a skill: the share of
-- begun skills that are finished, by $streak right answers in a row or a completed resource.
with

asked as (
    select distinct unnest($students::varchar[]) as student_id, unnest($days::date[]) as day
),

answers as (
    select student_id, day, skill.skill_id, is_correct, answered_at, item_id
    from asked
    join interactions using (student_id)
    join items using (item_id), unnest(items.skill_ids) as skill(skill_id)
    where answered_at < day + 1
),

runs as (   -- a run ends with each wrong answer
    select
        *,
        count(*) filter (not is_correct) over (
            partition by student_id, day, skill_id order by answered_at, item_id
        ) as run
    from answers
),

answered as (
    select student_id, day, skill_id, max(n_right) >= $streak as is_finished
    from (
        select student_id, day, skill_id, run, count(*) filter (is_correct) as n_right
        from runs
        group by all
    )
    group by all
),

studied as (
    select student_id, day, skill_id, false
    from asked
    join study_sessions using (student_id)
    where started_at < day + 1
),

used as (
    select student_id, day, skill.skill_id, coalesce(is_completed, false)
    from asked
    join ratings using (student_id)
    join resources using (resource_id), unnest(resources.skill_ids) as skill(skill_id)
    where used_at < day + 1
),

begun as (
    select student_id, day, skill_id, bool_or(is_finished) as is_finished
    from (from answered union all from studied union all from used)
    group by all
)

select student_id, day, avg(is_finished::integer) as value
from begun
group by student_id, day
