-- grain: one row per given student with an application by $day, and program. Reads applications up
-- to $day, never after, and no outcome: of each number the last that the student gave.
with

before as (
    select *
    from applications
    where applied_on <= $day::date and student_id in (select unnest($students::varchar[]))
),

profiles as (
    select
        student_id,
        arg_max(gpa, (applied_on, application_id)) filter (gpa is not null) as gpa,
        arg_max(test_score, (applied_on, application_id)) filter (test_score is not null)
            as test_score,
        arg_max(language_score, (applied_on, application_id)) filter (language_score is not null)
            as language_score,
        arg_max(statement, (applied_on, application_id)) filter (statement is not null)
            as statement,
        arg_max(letters, (applied_on, application_id)) filter (letters is not null) as letters,
        arg_max(has_research, (applied_on, application_id)) filter (has_research is not null)
            as has_research,
        arg_max(extracurriculars, (applied_on, application_id))
            filter (extracurriculars is not null) as extracurriculars,
        arg_max(rank_in_class, (applied_on, application_id)) filter (rank_in_class is not null)
            as rank_in_class
    from before
    group by student_id
),

final as (
    select
        profiles.student_id,
        $day::date as applied_on,
        programs.program_id,
        profiles.gpa,
        profiles.test_score,
        profiles.language_score,
        profiles.statement,
        profiles.letters,
        profiles.has_research::double as research,
        profiles.extracurriculars,
        profiles.rank_in_class,
        programs.tier::double as program_tier,
        programs.min_gpa as minimum_gpa,
        programs.admit_rate,
        profiles.gpa - programs.min_gpa as gpa_minus_minimum,
        null::double as admitted
    from profiles
    cross join programs
    where len($programs::varchar[]) = 0
        or programs.program_id in (select unnest($programs::varchar[]))
)

select * from final order by student_id, program_id
