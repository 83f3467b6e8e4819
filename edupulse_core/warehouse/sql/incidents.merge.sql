insert into fresh.incidents
select key.incident, student_id, anchor, type, severity, action, days_removed from accepted;

-- A deletion that names no student removes the incident for all of them.
create or replace temp view kept as
from old_incidents as old
where
    not exists (
        from accepted
        where accepted.key.incident = old.incident_id and accepted.student_id = old.student_id
    )
    and not exists (
        from gone
        where
            gone.key.incident = old.incident_id
            and coalesce(gone.key.student, old.student_id) = old.student_id
    );

insert into fresh.incidents
select * exclude (is_waiting) from kept where not is_waiting;

-- Rows of students who had withdrawn, now and before; of the same row, the one that came last.
create or replace temp table waiting as
with

late as (
    select
        key.incident as incident_id,
        student_id,
        anchor as date,
        type,
        severity,
        action,
        days_removed
    from seen_incidents
    where
        problem is null
        and row_number in (select row_number from checked where problem is not null)
    qualify row_number() over (partition by key order by row_number) = 1
)

from late
union all
select * exclude (is_waiting)
from kept
anti join late using (incident_id, student_id)
where is_waiting;

create or replace temp table enrolled_then as
select distinct waiting.incident_id, waiting.student_id
from waiting
join fresh.enrollment_spans as span
    on span.user_id = waiting.student_id
    and span.role = 'student'
    and waiting.date >= span.start_date
    and waiting.date < span.end_date;

insert into fresh.incidents
from waiting
semi join enrolled_then using (incident_id, student_id)
anti join fresh.incidents as known using (incident_id, student_id);

insert into fresh.waiting_incidents
from waiting
anti join enrolled_then using (incident_id, student_id)
semi join stopped
    on stopped.student_id = waiting.student_id
    and waiting.date > stopped.out_date
    and waiting.date < least(stopped.last_end, stopped.next_out)
