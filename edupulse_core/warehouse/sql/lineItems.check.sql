-- grain: one row per record of lineItems.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    as_day(dueDate) as anchor,
    as_text(title) as title,
    classSourcedId as class_id,
    as_number(resultValueMin) as value_min,
    as_number(resultValueMax) as value_max,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when not is_day(dueDate) then 'dueDate|not a date (yyyy-mm-dd)'
        when classSourcedId not in (select class_id from fresh.classes)
            then 'classSourcedId|unknown class'
        when not is_number(resultValueMin) then 'resultValueMin|not a number'
        when not is_number(resultValueMax) then 'resultValueMax|not a number'
        when as_number(resultValueMax) <= as_number(resultValueMin)
            then 'resultValueMax|maximum not over the minimum'
    end as problem
from raw
