create or replace temp table all_skills as
select key as skill_id, title, subject, grade, prerequisites, difficulty, base_hours, content_type
from accepted
union all
from earlier.skills
where skill_id not in (select key from accepted) and skill_id not in (select key from gone);

-- grain: one row per skill and prerequisite.
create or replace temp table prerequisites as
select skill_id, unnest(prerequisites) as needs, generate_subscripts(prerequisites, 1) as place
from all_skills;

-- A prerequisite that is no skill cannot be worked on: it is left out, and a note tells so.
insert into lost_prerequisites
select skill_id, needs from prerequisites where needs not in (select skill_id from all_skills);

insert into fresh.skills
with

known as (
    select skill_id, list(needs order by place) as ids
    from prerequisites
    where needs in (select skill_id from all_skills)
    group by skill_id
)

select all_skills.* replace (coalesce(known.ids, []) as prerequisites)
from all_skills
left join known using (skill_id)
