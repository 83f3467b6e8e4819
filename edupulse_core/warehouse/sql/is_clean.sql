-- Whether no row of a file without problems repeats a key or says a status: most files, most nights.
select
    not exists (
        select key from checked where key is not null group by key having count(*) > 1
    )
    and (
        getvariable('file') = 'attendance'   -- its status says something else
        or not exists (from raw where status is not null and status <> '')
    )
