-- Courses that say none of the four subjects.
select
    if(
        count(*) = 1,
        'course names no subject that we know; it counts in the mean of all courses only.',
        'courses name no subject that we know; they count in the mean of all courses only.'
    ) as sentence,
    count(*) as n
from courses
where subject = 'other'
