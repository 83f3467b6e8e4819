-- grain: one row per (school that the viewer may look at as a whole, attribute, group) of the latest
-- week, by its students with a score. An empty group is unknown.
with

students as (
    select
        board.school_id,
        board.tier in ('high', 'critical') as is_urgent,
        coalesce(demographics.race, '') as race,
        coalesce(demographics.sex, '') as sex,
        coalesce(demographics.english_learner::varchar, '') as english_learner,
        coalesce(demographics.disability::varchar, '') as disability,
        coalesce(demographics.meal_status, '') as meal_status
    from board
    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
        using (student_id)
    left join demographics on demographics.user_id = board.student_id
    where board.tier is not null
        and ($see_all or list_contains($whole_schools::varchar[], board.school_id))
),

final as (
    unpivot students
    on race, sex, english_learner, disability, meal_status
    into name attribute value member_of
)

select
    school_id,
    attribute,
    member_of,
    count(*) as students,
    count(*) filter (is_urgent) as urgent
from final
group by all
order by attribute, member_of, school_id
