-- grain: one row per record of incidents.csv, with what is wrong with it but for its student's
-- enrollment, which `incidents.enrolled` looks at. Several students may share an incident.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    {incident: sourcedId, student: as_text(studentSourcedId)} as key,
    as_day(date) as anchor,
    studentSourcedId as student_id,
    type,
    case when regexp_full_match(bare(severity), '[1-5]') then bare(severity)::integer end as severity,
    coalesce(as_word(action, actions()), 'none') as action,
    as_number(daysRemoved) as days_removed,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when studentSourcedId not in (select student_id from students)
            then 'studentSourcedId|unknown student'
        when not is_day(date) then 'date|not a date (yyyy-mm-dd)'
        when as_day(date) > getvariable('today') then 'date|after the day of the import'
        when is_blank(type) then 'type|empty'
        when not coalesce(regexp_full_match(bare(severity), '[1-5]'), false)
            then 'severity|severity not 1 to 5'
        when not is_blank(action) and not is_among(action, actions())
            then not_among('action', 'action', actions())
        when not is_blank(daysRemoved) and not is_number(daysRemoved)
            then 'daysRemoved|not a number'
        when as_number(daysRemoved) < 0 then 'daysRemoved|negative'
    end as problem
from raw
