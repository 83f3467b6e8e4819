-- grain: one row per week that ends by $as_of (null: any), the newest two, newest first.
select distinct week_start
from student_weeks
where $as_of::date is null or week_start + 6 <= $as_of::date
order by week_start desc
limit 2
