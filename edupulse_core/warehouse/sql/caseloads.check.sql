-- grain: one row per record of caseloads.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    {counselor: counselorSourcedId, student: studentSourcedId} as key,
    null::date as anchor,
    counselorSourcedId as counselor_id,
    studentSourcedId as student_id,
    case
        when deletes(status, not is_blank(counselorSourcedId) and not is_blank(studentSourcedId))
            then 'status|tobedeleted'
        when counselorSourcedId not in (select user_id from fresh.users)
            then 'counselorSourcedId|unknown user'
        when studentSourcedId not in (select student_id from students)
            then 'studentSourcedId|unknown student'
    end as problem
from raw
