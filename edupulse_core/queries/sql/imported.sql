-- grain: one row, the newest import.
select district, is_demo, imported_at
from imports
order by sequence desc
limit 1
