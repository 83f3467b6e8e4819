-- grain: one row per (file, column, reason) of the last import's rejected rows; the values that were
-- found are part of the lines, so only $with_lines.
select
    file,
    column_name,
    if($with_lines, reason, regexp_replace(reason, ', found ''.*', '', 's')) as reason,
    count(*) as n_rows
from rejects
group by all
order by n_rows desc, file, reason
