-- grain: one row per answer and skill of its item. Reads answers up to the end of $until.
select
    interactions.student_id,
    skill.skill_id,
    date_diff('day', date '1970-01-01', interactions.answered_at::date) as day,
    interactions.is_correct
from interactions
join items using (item_id)
cross join lateral (select unnest(list_distinct(items.skill_ids)) as skill_id) as skill
where
    interactions.answered_at < $until::date + interval 1 day
    and ($students::varchar[] is null or list_contains($students::varchar[], student_id))
order by student_id, interactions.answered_at, item_id, skill.skill_id
