-- Attendance that a later enrollment, withdrawal or calendar left behind.
select
    if(
        count(*) = 1,
        'attendance row is for a day on which the student was not enrolled; it is not counted.',
        'attendance rows are for days on which the student was not enrolled; they are not counted.'
    ) as sentence,
    count(*) as n
from attendance
anti join student_days using (student_id, date)
