-- grain: one row, the district's last school week up to the one that starts on $week_start.
select max(week_start) as week_start
from student_weeks
where week_start <= $week_start::date
