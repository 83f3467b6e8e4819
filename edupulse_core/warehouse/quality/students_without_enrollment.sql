-- Students without a single enrollment that holds.
select
    if(
        count(*) = 1,
        'student is not enrolled in any class, so nothing is known about their attendance.',
        'students are not enrolled in any class, so nothing is known about their attendance.'
    ) as sentence,
    count(*) as n
from (select distinct user_id from user_roles where role = 'student')
where user_id not in (select user_id from enrollment_spans where role = 'student')
