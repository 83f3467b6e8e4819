-- grain: one row per rejected row of an import; the line as it was read, and what was found in it, only
-- if $with_lines.
select
    file,
    row_number,
    column_name,
    if($with_lines, reason, regexp_replace(reason, ', found ''.*', '', 's')) as reason,
    if($with_lines, raw, null) as raw
from rejects
order by file, row_number, column_name
