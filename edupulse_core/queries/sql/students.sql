-- grain: one row per student whom the viewer may see, by name: one page of those who are active, or
-- the one with $student_id. Unknown values are null.
with

begun as (
    select user_id as student_id, min(start_date) as enrollment_date
    from enrollment_spans
    where role = 'student'
    group by user_id
),

homes as (   -- where somebody who is not on the board was last
    select student_id, arg_max(school_id, week_start) as school_id
    from student_weeks
    group by student_id
),

imported as (
    select min(imported_at) as created_at, max(imported_at) as updated_at
    from imports
),

final as (
    select
        users.user_id as id,
        (select min(org_id) from orgs where type = 'district') as district_id,
        users.given_name as first_name,
        users.family_name as last_name,
        coalesce(try_cast(users.grade as integer)::varchar, users.grade) as grade,
        round(features.grd_gpa_ytd, 2) as gpa,
        round(1 - features.att_absence_rate_ytd, 4) as attendance_rate,
        begun.enrollment_date,
        imported.created_at,
        imported.updated_at,
        coalesce(board.school_id, homes.school_id) as school_id,
        orgs.name as school,
        board.student_id is not null as is_enrolled,
        count(*) over () as n_matching
    from users
    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of) as seen
        on seen.student_id = users.user_id
    cross join imported
    left join board on board.student_id = users.user_id
    left join begun on begun.student_id = users.user_id
    left join homes on homes.student_id = users.user_id
    left join orgs on orgs.org_id = coalesce(board.school_id, homes.school_id)
    left join features
        on features.student_id = users.user_id and features.week_start = $week_start::date
    where if($student_id is null, users.is_active, users.user_id = $student_id)
    order by lower(users.family_name), lower(users.given_name), users.user_id
    limit $limit offset $offset
)

select * from final
