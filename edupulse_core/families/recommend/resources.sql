-- grain: one row per resource, with the titles and subjects of the skills that it trains.
with

named as (
    select
        resources.resource_id,
        list(trained.skill_id order by trained.place) as skill_ids,
        list(coalesce(skills.title, trained.skill_id) order by trained.place) as skills,
        list(distinct skills.subject) filter (skills.subject is not null) as subjects,
        list(distinct skills.grade) filter (skills.grade is not null) as grades
    from
        resources,
        lateral (
            select unnest(skill_ids) as skill_id, generate_subscripts(skill_ids, 1) as place
        ) as trained
    left join skills using (skill_id)
    group by resources.resource_id
),

final as (
    select
        resources.resource_id,
        resources.title,
        coalesce(resources.body, '') as body,
        resources.kind,
        resources.difficulty,
        resources.minutes,
        resources.url,
        coalesce(named.skill_ids, []) as skill_ids,
        coalesce(named.skills, []) as skills,
        coalesce(named.subjects, []) as subjects,
        coalesce(named.grades, []) as grades
    from resources
    left join named using (resource_id)
    order by resources.resource_id
)

select * from final
