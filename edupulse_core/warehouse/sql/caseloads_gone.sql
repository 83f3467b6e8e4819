-- How many caseload rows stood, but for those that a delta deletes, where none stands any more.
select count(*)
from earlier.caseloads as old
where
    not exists (from fresh.caseloads)
    and {counselor: counselor_id, student: student_id}::text
        not in (select key from deleted where file = 'caseloads')
