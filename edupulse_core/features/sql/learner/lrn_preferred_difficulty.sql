-- grain: one row per asked student and day by whose end the student had used a resource of known
-- difficulty: the mean difficulty, each use weighted by its rating ($unrated where there is none).
with

asked as (
    select distinct unnest($students::varchar[]) as student_id, unnest($days::date[]) as day
)

select
    student_id,
    day,
    sum(difficulty * coalesce(rating, $unrated)) / sum(coalesce(rating, $unrated)) as value
from asked
join ratings using (student_id)
join resources using (resource_id)
where used_at < day + 1 and difficulty is not null
group by student_id, day
