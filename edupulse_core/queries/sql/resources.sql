-- grain: one row per learning resource that fits the filters, by title, and how many fit in all.
-- Ratings are those of the viewer's own students; fewer than $smallest students are not told.
with

skilled as (
    select
        resources.resource_id,
        list(skills.title order by skills.title) as skills,
        list(distinct skills.subject) filter (skills.subject is not null) as subjects
    from resources, unnest(resources.skill_ids) as skill(skill_id)
    join skills using (skill_id)
    group by resources.resource_id
),

rated as (
    select
        used.resource_id,
        count(distinct used.student_id) as students,
        avg(used.rating) as rating
    from ratings as used
    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
        using (student_id)
    where used.rating is not null and used.used_at < $as_of::date + 1
    group by used.resource_id
    having count(distinct used.student_id) >= $smallest
),

final as (
    select
        resource.resource_id,
        resource.title,
        resource.kind,
        coalesce(skilled.skills, []) as skills,
        list_sort(coalesce(skilled.subjects, [])) as subjects,
        resource.difficulty,
        round(resource.difficulty)::integer as level,
        resource.minutes,
        resource.url,
        resource.body as text,
        rated.rating,
        rated.students as raters
    from resources as resource
    left join skilled using (resource_id)
    left join rated using (resource_id)
)

select *, count(*) over () as n_matching
from final
where
    ($subject is null or list_contains(subjects, $subject))
    and ($kind is null or kind = $kind)
    and ($level is null or level = $level)
    and len(
        list_filter(
            $words::varchar[],
            lambda word: not contains(lower(title || ' ' || array_to_string(skills, ' ')), word)
        )
    ) = 0
order by lower(title), resource_id
limit $limit offset $offset
