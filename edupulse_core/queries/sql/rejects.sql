-- grain: one row per rejected row of the last import; the line as it was read only if $with_lines.
select file, row_number, column_name, reason, if($with_lines, raw, null) as raw
from rejects
order by file, row_number, column_name
