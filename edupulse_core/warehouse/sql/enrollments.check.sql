-- grain: one row per record of enrollments.csv, with what is wrong with it. In a bulk file, one to
-- be deleted that has an endDate is an enrollment that ended.
create or replace table checked as
with

judged as (
    select
        coalesce(row_number::bigint, raw.rowid + 2) as row_number,
        sourcedId as key,
        coalesce(as_day(beginDate), class_terms.first_start) as anchor,
        classSourcedId as class_id,
        schoolSourcedId as school_id,
        userSourcedId as user_id,
        as_word(role, class_roles()) as role,
        as_day(beginDate) as begin_date,
        if(
            is_deleted(status), least(as_day(endDate), getvariable('today')), as_day(endDate)
        ) as end_date,
        not is_deleted(status) as is_live,
        case
            when deletes(status, not is_blank(sourcedId))
                and (getvariable('is_delta') or not is_day(endDate))
                then 'status|tobedeleted'
            when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
            when class_terms.class_id is null then 'classSourcedId|unknown class'
            when schoolSourcedId not in (select org_id from fresh.orgs)
                then 'schoolSourcedId|unknown org'
            when userSourcedId not in (select user_id from fresh.users)
                then 'userSourcedId|unknown user'
            when is_blank(role) then 'role|empty'
            when not is_among(role, class_roles())
                then not_among('role', 'role', class_roles())
            when not is_blank(beginDate) and not is_day(beginDate)
                then 'beginDate|not a date (yyyy-mm-dd)'
            when not is_blank(endDate) and not is_day(endDate)
                then 'endDate|not a date (yyyy-mm-dd)'
            when coalesce(as_day(endDate), class_terms.last_end)
                < coalesce(as_day(beginDate), class_terms.first_start)
                then 'endDate|ends before it begins'
        end as trouble
    from raw
    left join class_terms on raw.classSourcedId = class_terms.class_id
)

select
    * exclude (trouble),
    is_live or trouble is null as is_listed,
    if(not is_live and trouble is not null and not getvariable('is_delta'), 'status|tobedeleted', trouble)
        as problem
from judged
