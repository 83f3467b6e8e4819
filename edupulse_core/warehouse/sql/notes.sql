-- Sentences about an import that its counts do not show.
select 'No calendar.csv: every Monday to Friday of a school year session counts as a school day.'
where not exists (from fresh.calendar)

union all

select org.name || ' sent no attendance on ' || count(*)
    || if(count(*) = 1, ' school day, ', ' school days, from ')
    || strftime(min(silent.date), '%b %-d, %Y')
    || if(count(*) = 1, '', ' to ' || strftime(max(silent.date), '%b %-d, %Y'))
    || if(
        count(distinct silent.known_on) = 1,
        '',
        ' (' || count(distinct silent.known_on) || ' times)'
    )
    || '; attendance on ' || if(count(*) = 1, 'that day', 'those days') || ' is unknown.'
from fresh.silent_days as silent
join fresh.orgs as org on org.org_id = silent.school_id
where greatest(silent.date, silent.known_on) <= (select last_day from data_end)
group by org.org_id, org.name

union all

select count(distinct student_id)
    || if(count(distinct student_id) = 1, ' student is', ' students are')
    || ' enrolled again after a withdrawal: later attendance rows or incidents show that they came '
    || 'back.'
from returns
having count(*) > 0

union all

select n || if(n = 1, ' enrollment ends', ' enrollments end')
    || ' today: enrollments.csv no longer lists ' || if(n = 1, 'it.', 'them.')
from ended_today
where n > 0

union all

select count(*) || if(count(*) = 1, ' person is', ' people are')
    || ' now inactive: users.csv disables, deletes or no longer lists them.'
from fresh.users
join earlier.users as before using (user_id)
where before.is_active and not users.is_active
having count(*) > 0

union all

select 'No ' || name || if(name = 'attendance', ' was', ' were')
    || ' ever imported; the features that need ' || if(name = 'attendance', 'it', 'them')
    || ' are unknown.'
from fresh.has_records
where   -- grades stand for line items and results; the pages of learning say what to bring
    not present and name in ('attendance', 'grades', 'incidents', 'withdrawals')

union all

select 'results.csv has never had a result: grades, failing courses and late grades are unknown.'
from fresh.has_records
where name = 'results' and present and not exists (from fresh.results)

union all

select file || '.csv has a header and no rows: what earlier imports brought stays.'
from (
    values
        ('lineItems', (select count(*) from fresh.line_items)),
        ('results', (select count(*) from fresh.results)),
        ('attendance', (select count(*) from fresh.attendance)),
        ('incidents', (select count(*) from fresh.incidents)),
        ('withdrawals', (select count(*) from fresh.withdrawals))
) as held (file, n_rows)
join fresh.import_files as came using (file)
where came.present and came.read = 0 and held.n_rows > 0

union all

select 'attendance.csv has never had a row: everyone counts as present on every school day.'
from fresh.has_records
where
    name = 'attendance'
    and present
    and not exists (from fresh.attendance)
    and not exists (from fresh.silent_days)

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
