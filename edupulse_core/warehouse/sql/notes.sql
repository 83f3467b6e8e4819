-- Sentences about what the numbers alone do not say.
select 'No calendar.csv: Monday to Friday of every school year session count as school days.'
where not exists (from fresh.calendar)

union all

select 'Silent feed: ' || org.name || ' has no attendance row on ' || count(*)
    || ' school days from ' || min(silent.date) || ' to ' || max(silent.date)
    || '; its attendance of those days is unknown.'
from fresh.silent_days as silent
join fresh.orgs as org on org.org_id = silent.school_id
group by org.org_id, org.name, silent.known_on

union all

select 'No ' || name || ' were ever imported: the features that need them are unknown.'
from fresh.has_records
where not present

union all

select org.name || ' has no calendar, nor has any org above it: it has no school days.'
from fresh.orgs as org
where
    exists (from fresh.calendar)
    and org.org_id in (select school_id from fresh.classes)
    and org.org_id not in (select school_id from fresh.school_days)
