-- grain: one row per answer, by student and time. An item with several skills is still one answer.
-- $students: null for every student.  $before: nothing from this day on is read; null: everything.
select
    interactions.student_id,
    interactions.item_id,
    items.skill_ids,
    interactions.answered_at,
    interactions.is_correct
from interactions
join items using (item_id)
where ($students is null or list_contains($students, interactions.student_id))
    and ($before::date is null or interactions.answered_at < $before::date)
    and len(items.skill_ids) > 0
order by interactions.student_id, interactions.answered_at, interactions.item_id, interactions.attempt
