-- grain: one row: how much is known of $student_id's learning up to the end of $as_of.
with

answers as (
    select *
    from interactions
    where student_id = $student_id and answered_at < $as_of::date + 1
),

sessions as (
    select * from study_sessions where student_id = $student_id and started_at < $as_of::date + 1
),

uses as (
    select * from ratings where student_id = $student_id and used_at < $as_of::date + 1
),

practiced as (
    select count(distinct skill.skill_id) as n
    from answers
    join items using (item_id), unnest(items.skill_ids) as skill(skill_id)
),

final as (
    select
        (select count(*) from answers) as answers,
        (select count(*) from answers where is_correct) as correct,
        (select n from practiced) as skills_practiced,
        (select count(*) from sessions) as sessions,
        (select sum(hours) from sessions) as hours,
        (select count(*) from uses) as resources_used,
        (select count(*) from uses where is_completed) as resources_completed,
        (
            select count(*)
            from applications
            where student_id = $student_id and applied_on <= $as_of::date
        ) as applications,
        (
            select max(moment)::date
            from (
                select max(answered_at) as moment from answers
                union all
                select max(started_at) from sessions
                union all
                select max(used_at) from uses
            )
        ) as last_day
)

select * from final
