-- Some of the file's rejected rows, with their lines exactly as in the file.
insert into fresh.rejects
with

lines as (
    select *, regexp_full_match(raw, '[\s\x{a0},"]*') as is_empty from raw_lines
)

select
    refused.file,
    row_number,
    refused.sourced_id,
    case when not is_empty then refused.column_name end,
    case when is_empty then 'empty row' else refused.reason end,
    left(refused.found, 100) || if(length(refused.found) > 100, '…', ''),
    lines.raw
from lines
join refused using (row_number)
where refused.file = getvariable('file')
order by row_number
