-- grain: one row per school, week and kind of record that is unknown there as of the week's Sunday.
-- Reads nothing dated after that Sunday, so that no later record changes what was known before.
insert into unknown_weeks
with

incident_days as (   -- at the school of the student's last school day up to then
    select
        days.school_id,
        incidents.date,
        is_removal(incidents.action) as is_removal,
        incidents.days_removed is not null as has_days
    from incidents
    asof join (
        from student_days where student_id in (select student_id from incidents)
    ) as days
        on days.student_id = incidents.student_id and incidents.date >= days.date
),

graded as (
    select classes.school_id, line_items.due_date, results.score_status, results.score_date,
        results.score is not null or lettered.share is not null as has_number
    from results
    left join lettered using (result_id)
    join line_items using (line_item_id)
    join classes using (class_id)
    where classes.is_school
),

events as (   -- what happened at a school on a day; a kind of event that a row does not count is null
    select school_id, date, count(*) as student_days, 1 as instructional
    from student_days
    group by all
    union all by name
    select
        school_id,
        date,
        count(*) as incidents,
        count_if(is_removal) as removals,
        count_if(is_removal and has_days) as days_removed
    from incident_days
    group by all
    union all by name
    select classes.school_id, line_items.due_date as date, count(*) as due
    from line_items
    join classes using (class_id)
    where classes.is_school
    group by all
    union all by name
    select school_id, due_date as date, count(*) as missing
    from graded
    where score_status = 'not submitted'
    group by all
    union all by name
    select school_id, score_date as date, count(*) as marks
    from graded
    where score_status in ('fully graded', 'partially graded') and has_number
    group by all
),

span as (
    select
        min(date)::date - 371 as first_day,
        least(date_trunc('week', $today::date)::date - 1, max(date) + 7) as last_day
    from student_days
),

grid as (
    select schools.school_id, day::date as date
    from (select distinct school_id from student_days) as schools
    cross join span
    cross join unnest(generate_series(first_day, last_day, interval 1 day)) as days(day)
),

daily as (
    select
        grid.school_id,
        grid.date,
        coalesce(sum(student_days), 0) as student_days,
        coalesce(sum(incidents), 0) as incidents,
        coalesce(sum(removals), 0) as removals,
        coalesce(sum(days_removed), 0) as days_removed,
        coalesce(sum(instructional), 0) as instructional,
        coalesce(sum(due), 0) as due,
        coalesce(sum(missing), 0) as missing,
        coalesce(sum(marks), 0) as marks
    from grid
    left join events using (school_id, date)
    group by all
),

yearly as (   -- the 365 days that end on the day, and all days so far
    select
        school_id,
        date,
        incidents as incidents_today,
        sum(student_days) over past as student_days,
        sum(incidents) over past as incidents,
        sum(removals) over past as removals,
        sum(days_removed) over past as days_removed,
        sum(instructional) over past as instructional,
        sum(due) over past as due,
        sum(missing) over past as missing,
        sum(marks) over past as marks,
        sum(student_days) over ever as student_days_ever,
        sum(incidents) over ever as incidents_ever
    from daily
    window
        past as (
            partition by school_id order by date range between interval 364 days preceding and current row
        ),
        ever as (partition by school_id order by date rows unbounded preceding)
),

since as (
    select
        *,
        max(if(incidents_today > 0, student_days_ever, null)) over (
            partition by school_id order by date rows unbounded preceding
        ) as student_days_until
    from yearly
),

compared as (
    select
        *,
        student_days_ever - coalesce(student_days_until, 0) as student_days_since,  -- the last incident
        sum(student_days) over (partition by date) - student_days as others_days,
        sum(incidents) over (partition by date) - incidents as others_incidents
    from since
    where isodow(date) = 7
),

judged as (
    select
        *,
        others_days >= $fewest
        and round(others_incidents * student_days_since / others_days, 9) >= $expected as is_lacking
    from compared
    where student_days_ever > 0
),

final as (
    select school_id, date - 6 as week_start, unnest([
        {kind: 'incidents', is_named: true, holds: is_lacking and incidents_ever = 0},
        {kind: 'incidents_stopped', is_named: true, holds: is_lacking and incidents_ever > 0},
        {kind: 'missing_work', is_named: true, holds: due > 0 and missing = 0},
        {kind: 'marks', is_named: true, holds: instructional >= $n_days and marks = 0},
        {kind: 'days_removed', is_named: removals > 0, holds: days_removed = 0}
    ], recursive := true)
    from judged
)

select school_id, week_start, kind, is_named from final where holds order by all
