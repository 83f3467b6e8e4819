-- Students without a single enrolment that holds.
select
    if(
        count(*) = 1,
        'student is enrolled in no class, so nothing is known about their days.',
        'students are enrolled in no class, so nothing is known about their days.'
    ) as sentence,
    count(*) as n
from (select distinct user_id from user_roles where role = 'student')
where user_id not in (select user_id from enrollment_spans where role = 'student')
