-- Sentences about an import that its counts do not show.
select 'No calendar.csv: every Monday to Friday of a school year session counts as a school day.'
where not exists (from fresh.calendar)

union all

select org.name || ' sent no attendance for ' || count(*) || ' school days, '
    || strftime(min(silent.date), '%b %-d, %Y') || ' to ' || strftime(max(silent.date), '%b %-d, %Y')
    || '; attendance on those days is unknown.'
from fresh.silent_days as silent
join fresh.orgs as org on org.org_id = silent.school_id
where greatest(silent.date, silent.known_on) <= (select last_day from data_end)
group by org.org_id, org.name, silent.known_on

union all

select count(distinct student_id)
    || if(count(distinct student_id) = 1, ' student is', ' students are')
    || ' enrolled again after a withdrawal: later attendance rows or incidents show that they came '
    || 'back.'
from returns
having count(*) > 0

union all

select n || if(n = 1, ' enrollment ends', ' enrollments end')
    || ' today: enrollments.csv no longer has them for classes whose other enrollments it has.'
from ended_today
where n > 0

union all

select 'No ' || name || if(name = 'attendance', ' was', ' were')
    || ' ever imported; the features that need ' || if(name = 'attendance', 'it', 'them')
    || ' are unknown.'
from fresh.has_records
where not present and name not in ('lineItems', 'results')   -- grades stand for both

union all

select 'results.csv has never had a result: grades are unknown, and no course counts as failing and no '
    || 'work as missing.'
from fresh.has_records
where name = 'results' and present and not exists (from fresh.results)

union all

select 'incidents.csv has never had an incident: nobody counts as having one.'
from fresh.has_records
where name = 'incidents' and present and not exists (from fresh.incidents)

union all

select org.name || ' has no school days: neither it nor an org above it has a calendar.'
from fresh.orgs as org
where
    exists (from fresh.calendar)
    and org.org_id in (select school_id from fresh.classes)
    and org.org_id not in (select school_id from fresh.school_days)

union all

select count(*) || if(count(*) = 1, ' result is', ' results are')
    || ' not counted: the line item was replaced and is gone.'
from fresh.results
where line_item_id not in (select line_item_id from fresh.line_items)
having count(*) > 0

union all

select count(*) || if(count(*) = 1, ' incident is', ' incidents are')
    || ' on a day when the student is no longer counted as enrolled; each still counts in its week, '
    || 'or in the student''s next week of that school year.'
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

select count(*) || if(count(*) = 1, ' attendance row is', ' attendance rows are')
    || ' not counted: the day is no longer a school day on which the student is enrolled.'
from fresh.attendance
anti join fresh.student_days using (student_id, date)
having count(*) > 0
