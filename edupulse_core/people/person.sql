-- grain: one row per person whom a sign-in names: a user row whose email (or username) has the
-- value, and with it the other rows of the same person. A district may give a person a row for each
-- role: rows of one role each, none a student's, with the same names and the same email (without
-- any, the same username). Whoever is nothing but a guardian signs in nowhere.
with

matching as (
    select user_id, given_name, family_name
    from users
    where
        $value = case
            when not $is_folded then if($by_email, email, username)
            else translate(trim(if($by_email, email, username)), $upper, $lower)
        end
),

alike as (   -- the rows of the same names
    select
        user_id,
        given_name,
        family_name,
        is_active,
        nullif(translate(trim(coalesce(email, '')), $upper, $lower), '') as address,
        nullif(translate(trim(coalesce(username, '')), $upper, $lower), '') as login
    from users
    semi join matching using (given_name, family_name)
),

held as (
    select
        user_id,
        count(distinct role) as n_roles,
        bool_or(role = 'student') as is_student,
        bool_and(role in ('guardian', 'parent', 'relative')) as is_kin
    from user_roles
    where user_id in (select user_id from alike)
    group by user_id
),

teaching as (
    select distinct user_id from enrollment_spans where role = 'teacher'
),

known as (
    select
        alike.*,
        coalesce(held.n_roles = 1 and not held.is_student, false) as may_be_one_of_several,
        coalesce(held.is_kin, false) and alike.user_id not in (from teaching) as is_kin
    from alike
    left join held using (user_id)
),

final as (
    select
        matching.user_id,
        mine.is_active,
        trim(concat(mine.given_name, ' ', mine.family_name)) as name,
        list(other.user_id order by other.user_id) filter (not other.is_kin) as user_ids
    from matching
    join known as mine using (user_id)
    join known as other
        on other.user_id = mine.user_id
        or other.given_name = mine.given_name
        and other.family_name = mine.family_name
        and mine.may_be_one_of_several
        and other.may_be_one_of_several
        and mine.is_active = other.is_active
        and coalesce(mine.address, mine.login) = coalesce(other.address, other.login)
        and (mine.address is null) = (other.address is null)
    group by all
    having count(*) filter (not other.is_kin) > 0
)

select distinct is_active, name, user_ids from final order by is_active desc, user_ids
