-- grain: one row per application that $student_id had sent by $as_of, the newest first.
select
    application.application_id,
    application.applied_on,
    application.program_id,
    programs.title as program,
    programs.institution,
    application.outcome
from applications as application
left join programs using (program_id)
where application.student_id = $student_id and application.applied_on <= $as_of::date
order by application.applied_on desc, application.application_id
