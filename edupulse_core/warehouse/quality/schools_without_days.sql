-- Schools that teach but have no instructional day.
select
    if(
        count(*) = 1,
        'school has classes but no school days in its calendar.',
        'schools have classes but no school days in their calendars.'
    ) as sentence,
    count(*) as n
from (select distinct school_id from classes)
where school_id not in (select school_id from school_days)
