-- grain: one row per record of classes.csv, with what is wrong with it.
create or replace table checked as
with

records as (
    select
        *,
        coalesce(row_number::bigint, rowid + 2) as record,
        as_list(termSourcedIds) as term_ids
    from raw
),

terms as (
    select record, unnest(term_ids) as session_id from records
),

begins as (   -- the first start of the class's terms
    select
        terms.record,
        min(session.start_date) as begin_date,
        count(*) filter (where session.session_id is null) as n_unknown
    from terms
    left join fresh.academic_sessions as session using (session_id)
    group by all
),

final as (
    select
        record as row_number,
        sourcedId as key,
        begins.begin_date as anchor,
        title,
        courseSourcedId as course_id,
        schoolSourcedId as school_id,
        term_ids,
        as_text(periods) as periods,
        subject_of(subjects, subjectCodes) as subject,
        coalesce(as_list(grades), []) as grades,
        case
            when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
            when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
            when is_blank(title) then 'title|empty'
            when courseSourcedId not in (select course_id from fresh.courses)
                then 'courseSourcedId|unknown course'
            when schoolSourcedId not in (select org_id from fresh.orgs)
                then 'schoolSourcedId|unknown org'
            when len(term_ids) = 0 then 'termSourcedIds|empty'
            when begins.n_unknown > 0 then 'termSourcedIds|unknown session'
        end as problem
    from records
    left join begins using (record)
)

from final
