-- grain: one row per row of held_out, in its order. Who a student is, for the audit of errors only:
-- nothing of this is ever joined to features. Grade is today's.
select
    coalesce(replace(demographics.race, '_', ' '), 'unknown') as race,
    coalesce(demographics.sex, 'unknown') as sex,
    case demographics.english_learner
        when true then 'learning English' when false then 'not learning English' else 'unknown'
    end as language,
    case demographics.disability
        when true then 'with a disability' when false then 'without a disability' else 'unknown'
    end as disability,
    coalesce(demographics.meal_status, 'unknown') as meal,
    coalesce(orgs.name, student_weeks.school_id, 'unknown') as school,
    coalesce(users.grade, 'unknown') as grade
from held_out
left join student_weeks using (student_id, week_start)
left join users on users.user_id = held_out.student_id
left join demographics on demographics.user_id = held_out.student_id
left join orgs on orgs.org_id = student_weeks.school_id
order by held_out.place
