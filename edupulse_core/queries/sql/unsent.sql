-- grain: one row per school and kind of record that it is known not to send, as of $week_start.
select coalesce(orgs.name, unknown_weeks.school_id) as school, kind
from unknown_weeks
left join orgs on orgs.org_id = unknown_weeks.school_id
where is_named and week_start = $week_start::date
order by school, kind
