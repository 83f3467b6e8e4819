-- What the gate against loss does not count: what delta files deleted by key, and what goes with it.

-- grain: one row per enrollment that stood and is deleted, by itself, with its class or school, or
-- for the time of a session that is deleted.
create or replace temp table spans_gone as
with

stood as (
    select
        enrollment.enrollment_id in (select key from deleted where file = 'enrollments')
        or enrollment.class_id in (select key from deleted where file = 'classes')
        or enrollment.school_id in (select key from deleted where file = 'orgs') as is_gone,
        enrollment.enrollment_id,
        span.user_id as student_id,
        span.class_id,
        span.school_id,
        span.start_date,
        span.end_date
    from earlier.enrollment_spans as span
    join earlier.enrollments as enrollment using (user_id, class_id, school_id)
    where
        span.role = 'student'
        and span.start_date >= coalesce(enrollment.begin_date, '-infinity'::date)
        and span.end_date <= coalesce(enrollment.end_date, 'infinity'::date)
),

sessions_gone as (
    select session_id, start_date, end_date
    from earlier.academic_sessions
    where session_id in (select key from deleted where file = 'academicSessions')
)

select * from stood where is_gone
union all
select
    true,
    stood.* exclude (is_gone, start_date, end_date),
    greatest(stood.start_date, session.start_date),
    least(stood.end_date, session.end_date)
from stood
join earlier.classes as class using (class_id)
join sessions_gone as session on list_contains(class.term_ids, session.session_id)
where not is_gone;

-- grain: one row per student, school and day on which only such enrollments put them there.
create or replace temp table left_out as
with

asked as (
    select student_id, date
    from earlier.student_days
    where student_id in (select student_id from spans_gone)
    union
    select student_id, date
    from earlier.incidents
    where student_id in (select student_id from spans_gone)
    union
    select student_id, getvariable('today') from spans_gone
),

gone as (
    select distinct asked.student_id, asked.date, span.school_id
    from asked
    join spans_gone as span
        on span.student_id = asked.student_id
        and asked.date >= span.start_date
        and asked.date < span.end_date
),

others as (
    select span.user_id as student_id, span.school_id, span.start_date, span.end_date
    from earlier.enrollment_spans as span
    join earlier.enrollments as enrollment using (user_id, class_id, school_id)
    where
        span.role = 'student'
        and span.start_date >= coalesce(enrollment.begin_date, '-infinity'::date)
        and span.end_date <= coalesce(enrollment.end_date, 'infinity'::date)
        and enrollment.enrollment_id not in (select enrollment_id from spans_gone)
)

select gone.*
from gone
anti join others
    on others.student_id = gone.student_id
    and others.school_id = gone.school_id
    and gone.date >= others.start_date
    and gone.date < others.end_date;

-- grain: one row per school and day that is no school day any more because a calendar row is deleted.
create or replace temp table closed as
with recursive

upwards as (
    select org_id as school_id, org_id, 0 as steps from earlier.orgs
    union all
    select upwards.school_id, org.parent_id, upwards.steps + 1
    from upwards
    join earlier.orgs as org using (org_id)
    where org.parent_id is not null and upwards.steps < 20
)

select distinct day.school_id, day.date
from earlier.school_days as day
join upwards using (school_id)
join deleted
    on deleted.file = 'calendar'
    and deleted.key = {org: upwards.org_id, date: day.date}::text
anti join fresh.school_days as still
    on still.school_id = day.school_id and still.date = day.date
