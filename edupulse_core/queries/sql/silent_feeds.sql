-- grain: one row per run of school days without attendance that the district calls silent by then.
select
    coalesce(orgs.name, silent_days.school_id) as school,
    count(*) as n_days,
    min(silent_days.date) as first_day,
    max(silent_days.date) as last_day
from silent_days
left join orgs on orgs.org_id = silent_days.school_id
where greatest(silent_days.date, silent_days.known_on) <= $as_of::date
group by silent_days.school_id, orgs.name, silent_days.known_on
order by n_days desc, school, first_day
