-- grain: one row per measure, school and week that ended before the day of the import (students: no
-- week). Run once over the warehouse before and once over the new one, whichever is in use.
-- What delta files delete by key, and what goes with it, is left out of both.
insert into standing
with

limits as (
    select (date_trunc('week', getvariable('today')) - interval 1 day)::date as last_day
),

gone_classes as (
    select class_id
    from earlier.classes
    where
        class_id in (select key from deleted where file = 'classes')
        or school_id in (select key from deleted where file = 'orgs')
        or list_has_any(
            term_ids, (select coalesce(list(key), []) from deleted where file = 'academicSessions')
        )
),

exempt as (
    select user_id as student_id
    from earlier.enrollments
    where
        enrollment_id in (select key from deleted where file = 'enrollments')
        or class_id in (from gone_classes)
    union
    select key from deleted where file = 'users'
),

days as (
    select student_id, date, school_id
    from student_days
    where
        date <= (from limits)
        and student_id not in (from exempt)
        and date not in (select day from deleted where file = 'calendar')
),

attended as (
    select days.school_id, days.date
    from attendance
    join days using (student_id, date)
    where attendance_id not in (select key from deleted where file = 'attendance')
),

graded as (
    select class.school_id, coalesce(result.score_date, item.due_date) as date
    from results as result
    join line_items as item using (line_item_id)
    join classes as class using (class_id)
    where
        coalesce(result.score_date, item.due_date) <= (from limits)
        and result.result_id not in (select key from deleted where file = 'results')
        and item.line_item_id not in (select key from deleted where file = 'lineItems')
        and item.class_id not in (from gone_classes)
),

involved as (
    select incident.incident_id, incident.student_id, incident.date, min(span.school_id) as school_id
    from incidents as incident
    join enrollment_spans as span
        on span.user_id = incident.student_id
        and span.role = 'student'
        and incident.date >= span.start_date
        and incident.date < span.end_date
    where
        incident.date <= (from limits)
        and incident.student_id not in (from exempt)
        and incident.incident_id not in (select key from deleted where file = 'incidents')
    group by all
),

final as (
    select 'student-weeks' as measure, school_id, date_trunc('week', date)::date as week_start,
        count(distinct student_id) as n
    from days
    group by all
    union all
    select 'attendance rows', school_id, date_trunc('week', date)::date, count(*)
    from attended
    group by all
    union all
    select 'results', school_id, date_trunc('week', date)::date, count(*)
    from graded
    group by all
    union all
    select 'incidents', school_id, date_trunc('week', date)::date, count(*)
    from involved
    group by all
    union all
    select 'active students', span.school_id, null, count(distinct span.user_id)
    from enrollment_spans as span
    join users using (user_id)
    where
        span.role = 'student'
        and users.is_active
        and span.start_date <= getvariable('today')
        and span.end_date > getvariable('today')
        and span.user_id not in (from exempt)
    group by span.school_id
)

select $side, measure, school_id, week_start, n from final
