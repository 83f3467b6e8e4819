-- grain: one row per given student, in their order. For the audit of errors only: nothing of this
-- is ever joined to features.
select
    coalesce(replace(own.race, '_', ' '), 'unknown') as race,
    coalesce(own.sex, 'unknown') as sex,
    case own.english_learner
        when true then 'learning English' when false then 'not learning English' else 'unknown'
    end as language,
    case own.disability
        when true then 'with a disability' when false then 'without a disability' else 'unknown'
    end as disability,
    coalesce(own.meal_status, 'unknown') as meal,
    coalesce(people.grade, 'unknown') as grade
from (select unnest($who::varchar[]) as student_id, generate_subscripts($who::varchar[], 1) as place) as given
left join demographics as own on own.user_id = given.student_id
left join users as people on people.user_id = given.student_id
order by given.place
