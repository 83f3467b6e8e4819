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

events as (
    select school_id, date, 'student_days' as kind, count(*) as n
    from student_days
    group by all
    union all
    select school_id, date, 'incidents', count(*) from incident_days group by all
    union all
    select school_id, date, 'removals', count(*) from incident_days where is_removal group by all
    union all
    select school_id, date, 'days_removed', count(*)
    from incident_days
    where is_removal and has_days
    group by all
    union all
    select school_id, date, 'instructional', 1 from student_days group by all
    union all
    select classes.school_id, line_items.due_date, 'due', count(*)
    from line_items
    join classes using (class_id)
    where classes.is_school
    group by all
    union all
    select school_id, due_date, 'missing', count(*)
    from graded
    where score_status = 'not submitted'
    group by all
    union all
    select school_id, score_date, 'marks', count(*)
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
        coalesce(sum(n) filter (kind = 'student_days'), 0) as student_days,
        coalesce(sum(n) filter (kind = 'incidents'), 0) as incidents,
        coalesce(sum(n) filter (kind = 'removals'), 0) as removals,
        coalesce(sum(n) filter (kind = 'days_removed'), 0) as days_removed,
        coalesce(sum(n) filter (kind = 'instructional'), 0) as instructional,
        coalesce(sum(n) filter (kind = 'due'), 0) as due,
        coalesce(sum(n) filter (kind = 'missing'), 0) as missing,
        coalesce(sum(n) filter (kind = 'marks'), 0) as marks
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
    select school_id, date - 6 as week_start, 'incidents' as kind, true as is_named
    from judged
    where is_lacking and incidents_ever = 0
    union all
    select school_id, date - 6, 'incidents_stopped', true
    from judged
    where is_lacking and incidents_ever > 0
    union all
    select school_id, date - 6, 'missing_work', true
    from judged
    where due > 0 and missing = 0
    union all
    select school_id, date - 6, 'marks', true
    from judged
    where instructional >= $n_days and marks = 0
    union all
    select school_id, date - 6, 'days_removed', removals > 0
    from judged
    where days_removed = 0
)

from final order by all
