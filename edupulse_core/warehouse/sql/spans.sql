-- From enrollments, withdrawals and the calendar: who was enrolled when, and when school was open.

-- grain: one row per enrollment of a student or teacher, as if nobody ever withdrew.
create or replace temp table enrolled as
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

final as (
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
        and coalesce(class.is_school, true)
)

from final;

-- grain: one row per withdrawal and enrollment of the student that it ended before its own end;
-- next_out: the student's next withdrawal.
create or replace temp table stopped as
with

outs as (
    select
        student_id,
        date as out_date,
        coalesce(lead(date) over (partition by student_id order by date), 'infinity'::date) as next_out
    from (select distinct student_id, date from fresh.withdrawals)
)

select outs.*, enrolled.* exclude (user_id, role)
from outs
join enrolled
    on enrolled.user_id = outs.student_id
    and enrolled.role = 'student'
    and enrolled.start_date < outs.out_date
    and enrolled.last_end > outs.out_date;

-- grain: one row per enrollment that holds for at least a day; [start_date, end_date). The earliest
-- withdrawal after its beginning ends it.
insert into fresh.enrollment_spans
with

first_out as (
    select student_id, start_date, min(out_date) as out_date from stopped group by all
)

select
    enrolled.* exclude (last_end),
    case
        when role = 'student' then least(last_end, first_out.out_date) else last_end
    end as end_date
from enrolled
left join first_out
    on first_out.student_id = enrolled.user_id and first_out.start_date = enrolled.start_date
where enrolled.start_date < end_date
order by user_id, enrolled.start_date, class_id;

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

-- Without any calendar: Monday to Friday of a year's schoolYear sessions, else of its semesters, else
-- of its terms.
insert into fresh.school_days
with

ranked as (
    select *, list_position(['schoolYear', 'semester', 'term'], type) as place
    from fresh.academic_sessions
    where not list_contains(getvariable('not_school'), session_id)
),

year_sessions as (
    select *
    from ranked
    where place is not null
    qualify place = min(place) over (partition by school_year)
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
