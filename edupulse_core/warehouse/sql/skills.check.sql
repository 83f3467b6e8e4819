-- grain: one row per record of skills.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    title,
    as_subject(subject) as subject,
    as_text(gradeLevel) as grade,
    as_ids(prerequisiteSourcedIds) as prerequisites,
    as_number(difficulty) as difficulty,
    as_number(base_hours) as base_hours,
    as_word(content_type, content_types()) as content_type,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        else coalesce(
            unfit_key(sourcedId),
            unfit_title(title),
            unfit_word('subject', 'subject', replace(subject, '_', ' '), skill_subjects()),
            unfit_name('gradeLevel', gradeLevel),
            unfit_range('difficulty', difficulty, 1, 10),
            unfit_amount('base_hours', base_hours),
            unfit_word('content_type', 'content type', content_type, content_types())
        )
    end as problem
from raw
