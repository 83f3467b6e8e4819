-- grain: one row per school that the viewer may look at as a whole, by its students of the last
-- week of $school_year that ends by $as_of: what is known of how many, of how many it is true, and
-- the same of those gone, whom the viewer may no longer open by name on $today.
with

weeks as (
    select student_id, week_start, school_id
    from student_weeks
    where school_year = $school_year and week_start + 6 <= $as_of::date
        and ($see_all or list_contains($whole_schools::varchar[], school_id))
    qualify week_start = max(week_start) over (partition by school_id)
),

students as (
    select
        weeks.school_id,
        weeks.week_start,
        by_name.student_id is null as is_gone,
        features.att_is_chronic > 0.5 as chronic,
        features.grd_courses_failing > 0 as failing,
        was_removed(features.dsc_days_removed_ytd, features.dsc_incidents_ytd) as removed
    from weeks
    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
        using (student_id)
    join features using (student_id, week_start)
    left join visible_students($viewer_user_id, $see_all, $school_ids, $today, $caseload_of)
        as by_name using (student_id)
),

final as (
    select
        students.school_id,
        orgs.name as school,
        max(week_start) + 6 as as_of,
        count(*) as students,
        count(*) filter (is_gone) as gone,
        count(chronic) as chronic_known,
        count(*) filter (chronic) as chronic,
        count(*) filter (chronic and is_gone) as chronic_gone,
        count(*) filter (not chronic and is_gone) as not_chronic_gone,
        count(failing) as failing_known,
        count(*) filter (failing) as failing,
        count(*) filter (failing and is_gone) as failing_gone,
        count(*) filter (not failing and is_gone) as not_failing_gone,
        count(removed) as removed_known,
        count(*) filter (removed) as removed,
        count(*) filter (removed and is_gone) as removed_gone,
        count(*) filter (not removed and is_gone) as not_removed_gone
    from students
    left join orgs on orgs.org_id = students.school_id
    group by all
)

select * from final order by school, school_id
