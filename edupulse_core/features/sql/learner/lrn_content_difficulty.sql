-- grain: one row per asked student and day by whose end the student had answered an item of known
-- difficulty: the mean difficulty of the items, each answer counted.
with

asked as (
    select distinct unnest($students::varchar[]) as student_id, unnest($days::date[]) as day
)

select student_id, day, avg(difficulty) as value
from asked
join interactions using (student_id)
join items using (item_id)
where answered_at < day + 1 and difficulty is not null
group by student_id, day
