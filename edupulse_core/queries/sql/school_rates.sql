-- grain: one row per school that the viewer may look at as a whole, by its students of the last
-- week of $school_year that ends by $as_of: what is known of how many, of how many it is true, and
-- whether the viewer may still open each of them on $today.
with

weeks as (
    select student_id, week_start, school_id
    from student_weeks
    where school_year = $school_year and week_start + 6 <= $as_of::date
        and ($see_all or list_contains($whole_schools::varchar[], school_id))
    qualify week_start = max(week_start) over (partition by school_id)
),

final as (
    select
        weeks.school_id,
        orgs.name as school,
        max(weeks.week_start) + 6 as as_of,
        count(*) as students,
        bool_and(by_name.student_id is not null) as by_name,
        count(features.att_is_chronic) as chronic_known,
        count(*) filter (features.att_is_chronic > 0.5) as chronic,
        count(features.grd_courses_failing) as failing_known,
        count(*) filter (features.grd_courses_failing > 0) as failing,
        count(features.dsc_days_removed_ytd) as removed_known,
        count(*) filter (features.dsc_days_removed_ytd > 0) as removed
    from weeks
    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
        using (student_id)
    join features using (student_id, week_start)
    left join visible_students($viewer_user_id, $see_all, $school_ids, $today, $caseload_of)
        as by_name using (student_id)
    left join orgs on orgs.org_id = weeks.school_id
    group by all
)

select * from final order by school, school_id
