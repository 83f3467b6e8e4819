-- How many people there were before, and how many of them have another name now.
select
    count(*),
    count(*) filter (
        (fresh_users.given_name, fresh_users.family_name)
        is distinct from (earlier_users.given_name, earlier_users.family_name)
    )
from earlier.users as earlier_users
join fresh.users as fresh_users using (user_id)
