-- Whether no row of a file has a problem, repeats a key or says a status: most files, most nights.
select
    count(problem) = 0
    and count(key) = count(distinct key)
    and (
        getvariable('file') = 'attendance'   -- its status says something else
        or not exists (from raw where status is not null and status <> '')
    )
from checked
