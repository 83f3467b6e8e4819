-- grain: one row per record of courses.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    title,
    as_text(orgSourcedId) as org_id,
    subject_of(subjects, subjectCodes) as subject,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when is_blank(title) then 'title|empty'
        when unfit_id('orgSourcedId', orgSourcedId) is not null then unfit_id('orgSourcedId', orgSourcedId)
    end as problem
from raw
