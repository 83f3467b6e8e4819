-- grain: one row per record of withdrawals.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    {student: studentSourcedId, date: as_day(date)} as key,
    as_day(date) as anchor,
    studentSourcedId as student_id,
    as_word(reason, withdrawal_reasons()) as reason,
    case
        when deletes(status, not is_blank(studentSourcedId) and is_day(date))
            then 'status|tobedeleted'
        when studentSourcedId not in (select student_id from students)
            then 'studentSourcedId|unknown student'
        when not is_day(date) then 'date|not a date (yyyy-mm-dd)'
        when as_day(date) > getvariable('today') then 'date|after the day of the import'
        when not is_among(reason, withdrawal_reasons())
            then not_among('reason', 'reason', withdrawal_reasons())
    end as problem
from raw
