-- Attendance that a later enrolment, withdrawal or calendar left behind.
select
    if(
        count(*) = 1,
        'attendance row lies outside any enrolled school day of the student: it counts nowhere.',
        'attendance rows lie outside any enrolled school day of the student: they count nowhere.'
    ) as sentence,
    count(*) as n
from attendance
anti join student_days using (student_id, date)
