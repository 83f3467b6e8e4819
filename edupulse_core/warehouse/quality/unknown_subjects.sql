-- Courses that say none of the four subjects.
select 'courses name no subject that we know; they count in the mean of all courses only.'
    as sentence,
    count(*) as n
from courses
where subject = 'other'
