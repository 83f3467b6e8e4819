-- Runs of school days without a single attendance row at the school, as far as data reach.
insert into fresh.silent_days
with

school_dates as (
    select school_id, date, count(attendance_id) > 0 as is_reported
    from days_at_school
    left join fresh.attendance using (student_id, date)
    where date <= (select least(last_day, getvariable('today')) from data_end)
    group by all
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
