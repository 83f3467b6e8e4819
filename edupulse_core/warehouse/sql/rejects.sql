-- Some of the file's rejected rows, with their lines exactly as in the file.
insert into fresh.rejects
select
    refused.file,
    row_number,
    refused.column_name,
    refused.reason,
    refused.found,
    raw_lines.raw
from raw_lines
join refused using (row_number)
where refused.file = getvariable('file')
order by row_number
