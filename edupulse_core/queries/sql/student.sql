-- grain: one row, the student with their indicators of the last school week up to $week_start.
with

place as (
    select *
    from student_weeks
    where student_id = $student_id and week_start <= $week_start::date
    order by week_start desc
    limit 1
)

select
    users.user_id as student_id,
    trim(coalesce(users.given_name, '') || ' ' || coalesce(users.family_name, '')) as name,
    coalesce(try_cast(users.grade as integer)::varchar, users.grade) as grade,
    orgs.name as school,
    place.week_start,
    place.school_id,
    place.history_weeks,
    (
        select sum(n_results)
        from weekly
        where weekly.student_id = place.student_id
            and weekly.week_start between place.week_start - 21 and place.week_start
    ) as n_results_4w,
    features.* exclude (student_id, week_start)
from users
left join place on place.student_id = users.user_id
left join orgs on orgs.org_id = place.school_id
left join features
    on features.student_id = users.user_id and features.week_start = place.week_start
where users.user_id = $student_id
