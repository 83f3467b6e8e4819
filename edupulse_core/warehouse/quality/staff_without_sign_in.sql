-- Staff whom no sign-in can be tied to.
select
    if(
        count(*) = 1,
        'teacher has no email or username and cannot sign in.',
        'teachers have no email or username and cannot sign in.'
    ) as sentence,
    count(*) as n
from users
where
    email is null
    and username is null
    and user_id in (select user_id from enrollment_spans where role = 'teacher')
