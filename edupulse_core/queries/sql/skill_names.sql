-- grain: one row per given skill that exists, in their order.
select skills.skill_id, skills.title, skills.subject
from (
    select unnest($skills::varchar[]) as skill_id, generate_subscripts($skills::varchar[], 1) as place
) as given
join skills using (skill_id)
order by given.place
