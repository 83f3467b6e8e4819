-- grain: one row, the student with their indicators of the last school week up to $week_start.
with

place as (
    select *
    from student_weeks
    where student_id = $student_id and week_start <= $week_start::date
    order by week_start desc
    limit 1
),

month as (  -- the student's last four school weeks of the year
    select weeks.week_start
    from student_weeks as weeks
    join place using (student_id, school_year)
    where weeks.week_start <= place.week_start
    order by weeks.week_start desc
    limit 4
),

work as (  -- handed in by then
    select courses.subject, line_items.due_date, results.score_status, results.score_date
    from results
    join place using (student_id)
    join line_items using (line_item_id)
    join classes using (class_id)
    join courses using (course_id)
    where classes.is_school
        and results.score_date <= place.week_start + 6
        and (
            results.score_status = 'submitted'
            or results.score_status in ('fully graded', 'partially graded')
            and (results.score is not null or results.letter is not null)
        )
)

select
    users.user_id as student_id,
    trim(coalesce(users.given_name, '') || ' ' || coalesce(users.family_name, '')) as name,
    coalesce(try_cast(users.grade as integer)::varchar, users.grade) as grade,
    orgs.name as school,
    place.week_start,
    place.school_id,
    place.known_weeks,
    (
        select coalesce(list(kind order by kind), [])
        from unknown_weeks
        where is_named
            and unknown_weeks.school_id = place.school_id
            and unknown_weeks.week_start = place.week_start
    ) as unknown_kinds,
    (
        select count(*)
        from work
        join month on work.due_date between month.week_start and month.week_start + 6
    ) as n_due_4w,
    (
        select coalesce(list(distinct work.subject), [])
        from work
        join school_years on school_years.school_year = place.school_year
        where work.score_status <> 'submitted' and work.score_date >= school_years.start_date
    ) as subjects,
    flag_a(features.att_absence_rate_ytd, $chronic_rate) as flag_a,
    flag_b(
        was_removed(features.dsc_days_removed_ytd, features.dsc_incidents_ytd),
        features.dsc_incidents_ytd,
        $incidents
    ) as flag_b,
    flag_c(features.grd_courses_failing) as flag_c,
    features.* exclude (student_id, week_start)
from users
left join place on place.student_id = users.user_id
left join orgs on orgs.org_id = place.school_id
left join features
    on features.student_id = users.user_id and features.week_start = place.week_start
where users.user_id = $student_id
