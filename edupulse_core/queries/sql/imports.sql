-- grain: one row per import that the warehouse remembers, newest first.
select imported_at, import_day, bundle, district, is_demo, calendar_assumed, students, weeks
from imports
order by sequence desc
limit 20
