-- grain: one row per record of courses.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    title,
    as_text(orgSourcedId) as org_id,
    regexp_extract(
        lower(subjects), 'math|english|language arts|social stud|social scien|science'
    ) as word,
    regexp_extract(subjectCodes, '(?:^|,)\s*(0[1-4])', 1) as code,
    case
        when word = 'math' then 'math'
        when word in ('english', 'language arts') then 'english'
        when word = 'science' then 'science'
        when word in ('social stud', 'social scien') then 'social_studies'
        when code = '01' then 'english'
        when code = '02' then 'math'
        when code = '03' then 'science'
        when code = '04' then 'social_studies'
        else 'other'
    end as subject,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when is_blank(sourcedId) then 'sourcedId|empty'
        when is_blank(title) then 'title|empty'
    end as problem
from raw
