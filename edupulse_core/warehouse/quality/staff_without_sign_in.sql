-- Staff who cannot sign in.
select
    if(
        count(*) = 1,
        'teacher has no email and no username, so they cannot sign in.',
        'teachers have no email and no username, so they cannot sign in.'
    ) as sentence,
    count(*) as n
from users
where
    email is null
    and username is null
    and user_id in (select user_id from enrollment_spans where role = 'teacher')
