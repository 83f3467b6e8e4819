-- Sentences about what the numbers alone do not say.
select 'No calendar.csv: Monday to Friday of every school year session count as school days.'
where not exists (from fresh.calendar)

union all

select 'Silent feed: ' || org.name || ' has no attendance row on ' || count(*)
    || ' school days from ' || min(silent.date) || ' to ' || max(silent.date)
    || '; its attendance of those days is unknown.'
from fresh.silent_days as silent
join fresh.orgs as org on org.org_id = silent.school_id
where greatest(silent.date, silent.known_on) <= (select last_day from data_end)
group by org.org_id, org.name, silent.known_on

union all

select 'No ' || name || if(name = 'attendance', ' was', ' were')
    || ' ever imported: the features that need them are unknown.'
from fresh.has_records
where not present and name not in ('lineItems', 'results')   -- grades stand for both

union all

select 'No result came in results.csv, nor ever did: marks are unknown, no course counts as failed and '
    || 'no work as missing.'
from fresh.has_records
where name = 'results' and present and not exists (from fresh.results)

union all

select 'No incident came in incidents.csv, nor ever did: nobody counts as having one.'
from fresh.has_records
where name = 'incidents' and present and not exists (from fresh.incidents)

union all

select org.name || ' has no calendar, nor has any org above it: it has no school days.'
from fresh.orgs as org
where
    exists (from fresh.calendar)
    and org.org_id in (select school_id from fresh.classes)
    and org.org_id not in (select school_id from fresh.school_days)

union all

select 'Results without their line item, which was replaced: ' || count(*) || '; they count nowhere.'
from fresh.results
where line_item_id not in (select line_item_id from fresh.line_items)
having count(*) > 0

union all

select 'Incidents outside any enrolment of their student by now: ' || count(*) || '; each counts in its '
    || 'week, or in the student''s next of that school year.'
from fresh.incidents as incident
where
    not exists (
        from fresh.enrollment_spans as span
        where
            span.user_id = incident.student_id
            and span.role = 'student'
            and incident.date >= span.start_date
            and incident.date < span.end_date
    )
having count(*) > 0

union all

select 'Attendance rows outside any enrolled school day by now: ' || count(*) || '; they count nowhere.'
from fresh.attendance
anti join fresh.student_days using (student_id, date)
having count(*) > 0
