-- grain: one row per school without attendance for longer than the district allows.
select
    coalesce(orgs.name, silent_days.school_id) as school,
    count(*) as n_days,
    min(silent_days.date) as first_day,
    max(silent_days.date) as last_day
from silent_days
left join orgs on orgs.org_id = silent_days.school_id
group by all
order by n_days desc, school
