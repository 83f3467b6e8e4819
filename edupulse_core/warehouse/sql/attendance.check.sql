-- grain: one row per record of attendance.csv, with what is wrong with it but for its student's
-- enrollment, which `attendance.enrolled` looks at.
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
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
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
    end as problem
from raw
left join students as student on raw.studentSourcedId = student.student_id
