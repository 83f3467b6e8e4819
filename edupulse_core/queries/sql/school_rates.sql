-- grain: one row per (school year, school), by each student's last week up to the same point of the
-- year as the latest week is in its own.
-- Null where records of that kind were never imported.
with

this_year as (
    select ($as_of::date - start_date)::integer as days_in
    from school_years
    where start_date <= $as_of::date
    order by start_date desc
    limit 1
),

last_weeks as (
    select student_weeks.*
    from student_weeks
    join school_years using (school_year)
    cross join this_year
    where week_start + 6 <= school_years.start_date + days_in
        and ($see_all or list_contains($school_ids::varchar[], school_id))
    qualify row_number() over (
        partition by school_year, student_id order by week_start desc
    ) = 1
),

final as (
    select
        last_weeks.school_year,
        last_weeks.school_id,
        orgs.name as school,
        max(last_weeks.week_start) + 6 as as_of,
        count(*) as students,
        count(*) filter (features.att_is_chronic > 0.5) as chronic,
        count(*) filter (features.grd_courses_failing > 0) as failing,
        count(*) filter (features.dsc_days_removed_ytd > 0) as removed
    from last_weeks
    join features using (student_id, week_start)
    left join orgs on orgs.org_id = last_weeks.school_id
    group by all
)

select * from final order by school_year, school
