-- grain: one row per measure, school and week that ended before the day of the import (students: no
-- week). Run once over the warehouse before and once over the new one, whichever is in use.
-- What delta files delete by key, and what goes with it, is left out of both (`left_out`).
insert into standing
with

limits as (
    select (date_trunc('week', getvariable('today')) - interval 1 day)::date as last_day
),

days as (
    select student_id, date, school_id
    from student_days
    anti join left_out using (student_id, date, school_id)
    anti join closed using (school_id, date)
    where date <= (from limits)
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
        and item.class_id not in (select key from deleted where file = 'classes')
),

spans as (
    select distinct user_id as student_id, school_id, start_date, end_date
    from enrollment_spans
    where role = 'student'
),

involved as (
    select incident.incident_id, incident.student_id, incident.date, min(span.school_id) as school_id
    from incidents as incident
    join spans as span
        on span.student_id = incident.student_id
        and incident.date >= span.start_date
        and incident.date < span.end_date
    anti join left_out
        on left_out.student_id = incident.student_id
        and left_out.date = incident.date
        and left_out.school_id = span.school_id
    where
        incident.date <= (from limits)
        and {incident: incident.incident_id, student: incident.student_id}::text
        not in (select key from deleted where file = 'incidents')
        and {incident: incident.incident_id, student: null::text}::text
        not in (select key from deleted where file = 'incidents')
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
    select 'active students', span.school_id, null, count(distinct span.student_id)
    from spans as span
    join users on users.user_id = span.student_id
    anti join left_out
        on left_out.student_id = span.student_id
        and left_out.date = getvariable('today')
        and left_out.school_id = span.school_id
    where
        users.is_active
        and span.start_date <= getvariable('today')
        and span.end_date > getvariable('today')
        and span.student_id not in (select key from deleted where file = 'users')
    group by span.school_id
)

select $side, measure, school_id, week_start, n from final
