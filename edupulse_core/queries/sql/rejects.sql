-- grain: one row per rejected row of an import; the line as it was read, and what was found in it, only
-- if $with_lines.
select
    file,
    row_number,
    if($with_lines, sourced_id, null) as sourced_id,
    column_name,
    reason,
    if($with_lines, found, null) as found,
    if($with_lines, raw, null) as raw
from rejects
order by file, row_number, column_name
