-- grain: one row per row of features.outcomes whose weeks were over by $until at the student's school.
-- A table in memory, which whoever reads `outcomes` on this connection finds first.
create or replace table memory.main.outcomes as
with

school_weeks as (
    select distinct school_id, date_trunc('week', date)::date as week_start
    from school_days
),

windows as (
    select
        school_id,
        week_start,
        lead(week_start, $horizon_weeks) over (
            partition by school_id order by week_start
        ) as last_week
    from school_weeks
),

final as (
    select outcomes.*
    from features.outcomes
    join student_weeks using (student_id, week_start)
    join windows using (school_id, week_start)
    where windows.last_week + 6 <= $until::date
)

select * from final;
