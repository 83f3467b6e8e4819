-- With a deleted skill, item, resource or program go the records that are about it.
set variable skills_gone = (
    select list(key) from deleted
    where file = 'skills' and key not in (select skill_id from fresh.skills)
);

update fresh.items
set skill_ids = list_filter(skill_ids, lambda id: not list_contains(getvariable('skills_gone'), id))
where list_has_any(skill_ids, getvariable('skills_gone'));

update fresh.resources
set skill_ids = list_filter(skill_ids, lambda id: not list_contains(getvariable('skills_gone'), id))
where list_has_any(skill_ids, getvariable('skills_gone'));

delete from fresh.items where len(skill_ids) = 0;

delete from fresh.study_sessions where list_contains(getvariable('skills_gone'), skill_id);

delete from fresh.interactions where item_id not in (select item_id from fresh.items);

delete from fresh.ratings where resource_id not in (select resource_id from fresh.resources);

delete from fresh.applications where program_id not in (select program_id from fresh.programs)
