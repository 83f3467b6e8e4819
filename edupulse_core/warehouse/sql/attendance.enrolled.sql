-- The last rule for an attendance row, once it is known who came back: it is a school day on which
-- its student is enrolled.
create or replace table checked as
select
    seen.* replace (
        if(
            seen.problem is null and day.student_id is null,
            'date|not an enrolled instructional day of the student',
            seen.problem
        ) as problem
    )
from seen_attendance as seen
left join fresh.student_days as day
    on seen.student_id = day.student_id and seen.anchor = day.date
