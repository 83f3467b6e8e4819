-- From enrollments, withdrawals and the calendar: who was enrolled where, on which school days.

-- grain: one row per enrollment that holds for at least a day; [start_date, end_date).
insert into fresh.enrollment_spans
with

without_role as (   -- teachers whose role at the school, else everywhere, does not hold
    select enrollment.enrollment_id
    from fresh.enrollments as enrollment
    join fresh.roles as held using (user_id)
    where
        enrollment.role = 'teacher'
        and held.role not in ('guardian', 'parent', 'relative', 'student')
    group by enrollment.enrollment_id
    having
        not coalesce(
            bool_or(holds(held.begin_date, held.end_date))
                filter (held.role = 'teacher' and held.org_id = enrollment.school_id),
            bool_or(holds(held.begin_date, held.end_date)) filter (held.role = 'teacher'),
            bool_or(holds(held.begin_date, held.end_date))
        )
),

as_found as (
    select
        enrollment.user_id,
        enrollment.role,
        enrollment.class_id,
        enrollment.school_id,
        class.course_id,
        coalesce(enrollment.begin_date, terms.first_start) as start_date,
        coalesce(enrollment.end_date, terms.last_end) as last_end
    from fresh.enrollments as enrollment
    left join fresh.classes as class using (class_id)
    left join class_terms as terms using (class_id)
    where
        enrollment.role in ('student', 'teacher')
        and enrollment_id not in (from without_role)
),

first_out as (   -- the earliest withdrawal after the enrollment began
    select
        as_found.user_id,
        as_found.start_date,
        min(withdrawal.date) as out_date
    from (select distinct user_id, start_date from as_found where role = 'student') as as_found
    join fresh.withdrawals as withdrawal
        on withdrawal.student_id = as_found.user_id and withdrawal.date > as_found.start_date
    group by all
),

final as (
    select
        as_found.user_id,
        as_found.role,
        as_found.class_id,
        as_found.school_id,
        as_found.course_id,
        as_found.start_date,
        case
            when as_found.role = 'student' then least(as_found.last_end, first_out.out_date)
            else as_found.last_end
        end as end_date
    from as_found
    left join first_out using (user_id, start_date)
)

from final
where start_date < end_date
order by user_id, start_date, class_id;

-- Each org's calendar: its own, else its nearest parent's.
create or replace temp table calendar_of as
with recursive

upwards as (
    select org_id, org_id as ancestor_id, 0 as steps from fresh.orgs
    union all
    select upwards.org_id, org.parent_id, upwards.steps + 1
    from upwards
    join fresh.orgs as org on upwards.ancestor_id = org.org_id
    where org.parent_id is not null and upwards.steps < 20   -- a circle of parents ends too
)

select org_id, arg_min(ancestor_id, steps) as calendar_org_id
from upwards
where ancestor_id in (select org_id from fresh.calendar)
group by org_id;

insert into fresh.school_days
select calendar_of.org_id, calendar.date
from calendar_of
join fresh.calendar as calendar on calendar.org_id = calendar_of.calendar_org_id
where calendar.is_instructional
order by all;

-- Without any calendar: Monday to Friday of every schoolYear session, else of the terms.
insert into fresh.school_days
with

year_sessions as (
    select *
    from fresh.academic_sessions as session
    where
        type = 'schoolYear'
        or (
            type = 'term'
            and school_year not in (
                select school_year from fresh.academic_sessions where type = 'schoolYear'
            )
        )
),

weekdays as (
    select distinct day::date as date
    from year_sessions, unnest(generate_series(start_date, end_date, interval 1 day)) as d(day)
    where isodow(day) <= 5
)

select org.org_id, weekdays.date
from fresh.orgs as org
cross join weekdays
where not exists (from fresh.calendar)
order by all;

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
