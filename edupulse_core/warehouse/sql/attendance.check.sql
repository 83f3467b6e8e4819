-- grain: one row per student and date of attendance.csv that is no school day of theirs, with why.
create or replace temp table outside as
with

asked as (
    select distinct raw.studentSourcedId as student_id, as_day(raw.date) as date
    from raw
    where is_day(raw.date)
),

missed as (
    select student_id, date from asked anti join fresh.student_days using (student_id, date)
),

spans as (
    select
        missed.student_id,
        missed.date,
        min(span.start_date) as first_day,
        max(span.end_date) as last_end,
        bool_or(missed.date >= span.start_date and missed.date < span.end_date) as is_enrolled,
        bool_or(span.school_id in (select school_id from fresh.school_days))
            filter (missed.date >= span.start_date and missed.date < span.end_date) as has_calendar
    from missed
    join fresh.enrollment_spans as span on span.user_id = missed.student_id
    where span.role = 'student'
    group by all
),

final as (
    select
        missed.student_id,
        missed.date,
        case
            when spans.date is null then 'never enrolled'
            when missed.date < spans.first_day then 'before enrollment'
            when not is_enrolled and exists (
                from fresh.withdrawals as withdrawal
                where
                    withdrawal.student_id = missed.student_id
                    and withdrawal.date <= missed.date
                    and withdrawal.date > spans.first_day
            ) then 'after withdrawal'
            when missed.date >= spans.last_end then 'after enrollment'
            when not is_enrolled then 'between enrollments'
            when not has_calendar then 'school without calendar'
            when isodow(missed.date) >= 6 then 'weekend'
            when exists (from fresh.calendar where calendar.date = missed.date) then 'holiday'
            else 'not in the calendar'
        end as cause
    from missed
    left join spans using (student_id, date)
)

from final;

-- grain: one row per record of attendance.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, raw.rowid + 2) as row_number,
    sourcedId as key,
    as_day(raw.date) as anchor,
    studentSourcedId as student_id,
    as_word(status, attendance_statuses()) as status,
    coalesce(as_word(reason, absence_reasons()), 'unexcused') as reason,
    as_text(classSourcedId) as class_id,
    as_number(minutesMissed) as minutes_missed,
    case
        when is_deleted(status) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when student.student_id is null then 'studentSourcedId|unknown student'
        when not is_day(raw.date) then 'date|not a date (yyyy-mm-dd)'
        when as_day(raw.date) > getvariable('today') then 'date|after the day of the import'
        when not is_among(status, attendance_statuses())
            then not_among('status', 'status', attendance_statuses())
        when not is_blank(reason) and not is_among(reason, absence_reasons())
            then not_among('reason', 'reason', absence_reasons())
        when not is_blank(classSourcedId)
            and classSourcedId not in (select class_id from fresh.classes)
            then 'classSourcedId|unknown class'
        when not is_blank(minutesMissed) and not is_number(minutesMissed)
            then 'minutesMissed|not a number'
        when as_number(minutesMissed) < 0 then 'minutesMissed|negative'
        when outside.cause is not null
            then 'date|not an enrolled instructional day of the student: ' || outside.cause
    end as problem
from raw
left join students as student on raw.studentSourcedId = student.student_id
left join outside on raw.studentSourcedId = outside.student_id and as_day(raw.date) = outside.date
