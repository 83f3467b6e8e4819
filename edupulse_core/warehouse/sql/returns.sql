-- Students who came back after a withdrawal: attendance rows or incidents of theirs, on at least two
-- days on which an enrollment that it ended would still run and no other does, show it.

-- What earlier imports brought, even of students who had withdrawn, and no bulk file replaces.
create or replace temp view old_attendance as
from (
    select *, false as is_waiting from earlier.attendance
    union all
    select *, true from earlier.waiting_attendance
) as old
where not is_replaced('attendance', old.date);

create or replace temp view old_incidents as
from (
    select *, false as is_waiting from earlier.incidents
    union all
    select *, true from earlier.waiting_incidents
) as old
where not is_replaced('incidents', old.date);

-- grain: one row per student, day and kind of record that breaks no rule but perhaps that of enrollment.
-- A row that breaks another says nothing of what stands under its key, and neither does one that a
-- bulk file sets aside: outside the time that the file replaces, what stood under its key still stands.
create or replace temp table sightings as
with

seen as (
    select student_id, anchor as date, status = 'absent' as is_absence, false as is_incident
    from seen_attendance
    where problem is null
    union all
    select student_id, anchor, false, true from seen_incidents where problem is null
    union all
    select student_id, date, status = 'absent', false
    from old_attendance
    where
        attendance_id not in (
            select key
            from seen_attendance
            where
                problem is null
                or problem = 'status|tobedeleted'
                and key is not null
                and getvariable('attendance_is_delta')
        )
    union all
    select student_id, date, false, true
    from old_incidents as old
    where
        not exists (
            from seen_incidents as seen
            where
                (
                    seen.problem is null
                    or seen.problem = 'status|tobedeleted' and getvariable('incidents_is_delta')
                )
                and seen.key.incident = old.incident_id
                and coalesce(seen.key.student, old.student_id) = old.student_id
        )
)

select student_id, date, is_incident, bool_and(is_absence) as is_absence
from seen
where student_id in (select student_id from stopped)
group by all;

-- grain: one row per student who came back, withdrawal and first day back.
create or replace temp table returns as
with

elsewhere as (   -- days of sightings on which another enrollment runs
    select distinct sightings.student_id, sightings.date
    from sightings
    join fresh.enrollment_spans as span
        on span.user_id = sightings.student_id
        and span.role = 'student'
        and sightings.date >= span.start_date
        and sightings.date < span.end_date
),

candidates as (
    select stopped.* from stopped where student_id in (select student_id from sightings)
),

open_days as (   -- after the withdrawal, while an enrollment that it ended would still run
    select distinct candidates.student_id, candidates.out_date, day.date
    from candidates
    join fresh.school_days as day
        on day.school_id = candidates.school_id
        and day.date > candidates.out_date
        and day.date < least(candidates.last_end, candidates.next_out)
),

attended as (   -- the first of them without an absence: absences up to it are those of one who left
    select open_days.student_id, open_days.out_date, min(open_days.date) as first_day
    from open_days
    left join sightings
        on sightings.student_id = open_days.student_id
        and sightings.date = open_days.date
        and sightings.is_absence
        and not sightings.is_incident
    where sightings.student_id is null
    group by all
),

shown as (
    select open_days.student_id, open_days.out_date, sightings.date
    from open_days
    join sightings using (student_id, date)
    left join attended using (student_id, out_date)
    where
        not sightings.is_incident
        and (not sightings.is_absence or sightings.date > attended.first_day)
    union
    select candidates.student_id, candidates.out_date, sightings.date
    from candidates
    join sightings
        on sightings.student_id = candidates.student_id
        and sightings.is_incident
        and sightings.date > candidates.out_date
        and sightings.date < least(candidates.last_end, candidates.next_out)
),

final as (
    select student_id, out_date, min(date) as back_date
    from shown
    anti join elsewhere using (student_id, date)
    group by all
    having count(distinct date) >= 2
)

from final;

insert into fresh.enrollment_spans
select
    stopped.student_id,
    'student',
    stopped.class_id,
    stopped.school_id,
    stopped.course_id,
    returns.back_date,
    least(stopped.last_end, stopped.next_out)
from stopped
join returns using (student_id, out_date)
where stopped.last_end > returns.back_date
order by all
