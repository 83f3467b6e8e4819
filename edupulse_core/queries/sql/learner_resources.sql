-- grain: one row per use of a resource by $student_id up to the end of $as_of, the newest first.
select
    used.used_at,
    used.resource_id,
    resources.title,
    resources.kind,
    used.rating,
    used.minutes,
    used.is_completed
from ratings as used
left join resources using (resource_id)
where used.student_id = $student_id and used.used_at < $as_of::date + 1
order by used.used_at desc, used.resource_id
limit $most
