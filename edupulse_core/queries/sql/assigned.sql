-- grain: one row per given assignment, in their order. The student is one whom the viewer has open.
select
    given.place,
    resources.title,
    resources.kind,
    resources.url,
    min(ratings.used_at) filter (where ratings.used_at >= given.at) as used_at,
    coalesce(bool_or(ratings.is_completed) filter (where ratings.used_at >= given.at), false)
        as is_completed
from (
    select
        unnest($resources::varchar[]) as resource_id,
        unnest($moments::timestamp[]) as at,
        generate_subscripts($resources::varchar[], 1) as place
) as given
left join resources using (resource_id)
left join ratings
    on ratings.resource_id = given.resource_id
    and ratings.student_id = $student_id
    and ratings.used_at::date <= $as_of
group by all
order by given.place
