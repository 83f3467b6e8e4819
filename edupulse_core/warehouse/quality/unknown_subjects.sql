-- Courses in none of the four subjects.
select
    if(
        count(*) = 1,
        'course has no recognized subject; it counts only in the average of all courses.',
        'courses have no recognized subject; they count only in the average of all courses.'
    ) as sentence,
    count(*) as n
from courses
where subject = 'other'
