-- grain: one row per skill, those included that only items name; by subject, grade and id.
select skill_id, skills.prerequisites, skills.grade
from (select skill_id from skills union select unnest(skill_ids) from items) as named(skill_id)
left join skills using (skill_id)
order by skills.subject nulls last, try_cast(skills.grade as integer) nulls last, skill_id
