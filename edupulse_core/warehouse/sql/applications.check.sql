-- grain: one row per record of applications.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    as_day(appliedOn) as anchor,
    studentSourcedId as student_id,
    programSourcedId as program_id,
    as_word(outcome, outcomes()) as outcome,
    as_number(gpa) as gpa,
    as_number(test_score) as test_score,
    as_number(language_score) as language_score,
    as_number(statement) as statement,
    as_number(letters) as letters,
    as_truth(research) as has_research,
    as_number(extracurriculars) as extracurriculars,
    as_number(rank_in_class) as rank_in_class,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when programSourcedId not in (select program_id from fresh.programs)
            then 'programSourcedId|unknown program'
        when unfit_student(studentSourcedId) is not null then unfit_student(studentSourcedId)
        when not is_day(appliedOn) then 'appliedOn|not a date (yyyy-mm-dd)'
        when as_day(appliedOn) > getvariable('today') then 'appliedOn|after the day of the import'
        else coalesce(
            unfit_word('outcome', 'outcome', outcome, outcomes()),
            unfit_amount('gpa', gpa),
            unfit_amount('test_score', test_score),
            unfit_amount('language_score', language_score),
            unfit_range('statement', statement, 1, 5),
            unfit_range('letters', letters, 1, 5),
            unfit_truth('research', research),
            unfit_whole('extracurriculars', extracurriculars),
            unfit_amount('rank_in_class', rank_in_class)
        )
    end as problem
from raw
