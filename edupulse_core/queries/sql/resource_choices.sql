-- One row: what resources can be filtered by.
select
    (select list(distinct kind order by kind) from resources where kind is not null) as kinds,
    (
        select list(distinct skills.subject order by skills.subject)
        from resources, unnest(resources.skill_ids) as skill(skill_id)
        join skills using (skill_id)
        where skills.subject is not null
    ) as subjects,
    (
        select list(distinct round(difficulty)::integer order by round(difficulty)::integer)
        from resources
        where difficulty is not null
    ) as levels
