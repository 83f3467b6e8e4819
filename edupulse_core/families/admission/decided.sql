-- grain: one row per student, day and program, or several programs of which the same is known.
-- Withdrawn and open applications have no outcome; waitlisted is not admitted.
select
    applied.student_id,
    applied.applied_on,
    min(applied.program_id) as program_id,
    applied.gpa,
    applied.test_score,
    applied.language_score,
    applied.statement,
    applied.letters,
    applied.has_research::double as research,
    applied.extracurriculars,
    applied.rank_in_class,
    programs.tier::double as program_tier,
    programs.min_gpa as minimum_gpa,
    programs.admit_rate,
    applied.gpa - programs.min_gpa as gpa_minus_minimum,
    avg((applied.outcome = 'admitted')::double) as admitted
from applications as applied
left join programs using (program_id)
where applied.outcome in ('admitted', 'denied', 'waitlisted') and applied.applied_on is not null
group by all
order by applied.student_id, applied.applied_on, program_id
