-- Schools that stopped sending attendance.
select
    if(
        count(distinct school_id) = 1,
        'school stopped sending attendance for a while; those days are unknown.',
        'schools stopped sending attendance for a while; those days are unknown.'
    ) as sentence,
    count(distinct school_id) as n
from silent_days
