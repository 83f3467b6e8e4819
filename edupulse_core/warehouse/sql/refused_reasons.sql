-- grain: one row per reason why rows of the file at hand are rejected.
select
    file || coalesce('.' || column_name, '') || ': ' || reason as told,
    count(*),
    bool_and(is_set_aside(reason))
from fresh.rejects
where file = getvariable('file')
group by told
