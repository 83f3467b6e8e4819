-- Attendance that a later enrolment, withdrawal or calendar left behind.
select
    if(
        count(*) = 1,
        'attendance row is on a day when the student was not enrolled or school was closed; it is not counted.',
        'attendance rows are on days when the student was not enrolled or school was closed; they are not counted.'
    ) as sentence,
    count(*) as n
from attendance
anti join student_days using (student_id, date)
