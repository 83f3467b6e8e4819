-- People who may be one person with two identifiers.
select 'students share a name and birth date with another student. Check for duplicates.'
    as sentence,
    coalesce(sum(n_alike), 0) as n
from (
    select count(*) as n_alike
    from users
    join demographics using (user_id)
    where
        birth_date is not null
        and user_id in (select user_id from user_roles where role = 'student')
    group by lower(given_name), lower(family_name), birth_date
    having count(*) > 1
)
