-- grain: one row per rejected row of the last import.
select file, row_number, column_name, reason, raw
from rejects
order by file, row_number, column_name
