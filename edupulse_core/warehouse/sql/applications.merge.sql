insert into fresh.applications
select
    key,
    student_id,
    program_id,
    anchor,
    outcome,
    gpa,
    test_score,
    language_score,
    statement,
    letters,
    has_research,
    extracurriculars,
    rank_in_class
from accepted
union all
from earlier.applications
where
    application_id not in (select key from accepted)
    and application_id not in (select key from gone)
