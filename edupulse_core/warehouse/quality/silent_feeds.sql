-- Schools that stopped sending attendance.
select
    if(
        count(distinct school_id) = 1,
        'school sent no attendance for ten school days or more in a row; those days are unknown.',
        'schools sent no attendance for ten school days or more in a row; those days are unknown.'
    ) as sentence,
    count(distinct school_id) as n
from silent_days
