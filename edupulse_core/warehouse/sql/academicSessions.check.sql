-- grain: one row per record of academicSessions.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    title,
    coalesce(as_word(type, session_types()), type) as type,
    as_day(startDate) as anchor,
    as_day(endDate) as end_date,
    as_text(parentSourcedId) as parent_id,
    case when regexp_full_match(bare(schoolYear), '[0-9]{4}') then bare(schoolYear)::integer end as school_year,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when is_blank(title) then 'title|empty'
        when is_blank(type) then 'type|empty'
        when not is_day(startDate) then 'startDate|not a date (yyyy-mm-dd)'
        when not is_day(endDate) then 'endDate|not a date (yyyy-mm-dd)'
        when as_day(endDate) < as_day(startDate) then 'endDate|ends before it begins'
        when not coalesce(regexp_full_match(bare(schoolYear), '[0-9]{4}'), false)
            then 'schoolYear|not a year (yyyy)'
        when unfit_id('parentSourcedId', parentSourcedId) is not null then unfit_id('parentSourcedId', parentSourcedId)
    end as problem
from raw;

insert into doubts
select 'academicSessions', 'type', count(*), 'none of the known kinds of session'
from raw
where not is_blank(type) and not is_among(type, session_types())
having count(*) > 0
