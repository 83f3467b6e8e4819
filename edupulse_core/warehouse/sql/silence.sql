-- Runs of school days without any attendance row at a school. They end on the day of the import, not
-- with the last record, so that no later record changes what was known of an earlier week.
insert into fresh.silent_days
with

reported as (   -- school and day with an attendance row of someone who was there
    select distinct stays.school_id, attendance.date
    from fresh.attendance as attendance
    join stays
        on stays.student_id = attendance.student_id
        and attendance.date >= stays.start_date
        and attendance.date < stays.end_date
),

school_dates as (   -- school days so far on which someone was enrolled
    select day.school_id, day.date, reported.date is not null as is_reported
    from fresh.school_days as day
    left join reported using (school_id, date)
    where
        day.date <= getvariable('today')
        and exists (
            from stays
            where
                stays.school_id = day.school_id
                and day.date >= stays.start_date
                and day.date < stays.end_date
        )
),

runs as (
    select
        school_id,
        date,
        is_reported,
        count(*) filter (where is_reported)
            over (partition by school_id order by date) as run
    from school_dates
),

silent as (
    select
        school_id,
        date,
        count(*) over (partition by school_id, run) as n_days,
        row_number() over (partition by school_id, run order by date) as position,
        run
    from runs
    where not is_reported
),

final as (
    select
        school_id,
        date,
        max(case when position = getvariable('silent_days') then date end)
            over (partition by school_id, run) as known_on
    from silent
    where n_days >= getvariable('silent_days')
)

from final
where exists (from fresh.has_records where name = 'attendance' and present)
order by all
