-- Who was enrolled where, on which school days, once it is known who came back.

-- grain: one row per unbroken stretch of a student at a school, however many classes.
create or replace temp table stays as
with

spans as (
    select distinct user_id as student_id, school_id, start_date, end_date
    from fresh.enrollment_spans
    where role = 'student'
),

marked as (
    select
        *,
        coalesce(
            start_date > max(end_date) over (
                partition by student_id, school_id
                order by start_date, end_date
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_new
    from spans
),

numbered as (
    select
        *,
        count(*) filter (where is_new) over (
            partition by student_id, school_id order by start_date, end_date
        ) as stretch
    from marked
)

select student_id, school_id, min(start_date) as start_date, max(end_date) as end_date
from numbered
group by student_id, school_id, stretch
order by student_id, start_date;

insert into fresh.student_days
with

movers as (   -- only they can have two schools on one day
    select student_id from stays group by student_id having count(distinct school_id) > 1
),

days_at_school as (
    select stays.student_id, day.date, stays.school_id
    from stays
    join fresh.school_days as day
        on day.school_id = stays.school_id
        and day.date >= stays.start_date
        and day.date < stays.end_date
)

select student_id, date, school_id
from days_at_school
where student_id not in (from movers)
union all
select
    day.student_id,
    day.date,
    arg_min(day.school_id, {name: org.name, id: org.org_id})
from days_at_school as day
join fresh.orgs as org on org.org_id = day.school_id
where student_id in (from movers)
group by all
order by student_id, date
