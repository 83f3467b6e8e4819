-- grain: one row per record of learners.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    studentSourcedId as key,
    null::date as anchor,
    as_number(age) as age,
    as_text(education_level) as education_level,
    as_text(learning_style) as learning_style,
    as_number(avg_focus_duration) as avg_focus_duration,
    case
        when deletes(status, not is_blank(studentSourcedId)) then 'status|tobedeleted'
        else coalesce(
            unfit_student(studentSourcedId),
            unfit_range('age', age, 3, 120),
            unfit_name('education_level', education_level),
            unfit_name('learning_style', learning_style),
            unfit_amount('avg_focus_duration', avg_focus_duration)
        )
    end as problem
from raw
