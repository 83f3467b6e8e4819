-- grain: one row per skill of the district, those included that only items name.
select
    skill_id,
    coalesce(skills.title, skill_id) as title,
    skills.subject
from (select skill_id from skills union select unnest(skill_ids) from items) as named(skill_id)
left join skills using (skill_id)
order by skill_id
