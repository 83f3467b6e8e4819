insert into fresh.attendance
select key, student_id, anchor, status, reason, class_id, minutes_missed from accepted;

create or replace temp view kept as
from old_attendance
where
    attendance_id not in (select key from accepted)
    and attendance_id not in (select key from gone);

insert into fresh.attendance
select * exclude (is_waiting) from kept where not is_waiting;

-- Rows of students who had withdrawn, now and before; of the same row, the one that came last.
create or replace temp table waiting as
with

late as (
    select
        key as attendance_id,
        student_id,
        anchor as date,
        status,
        reason,
        class_id,
        minutes_missed
    from seen_attendance
    where
        problem is null
        and row_number in (select row_number from checked where problem is not null)
    qualify row_number() over (partition by key order by row_number) = 1
)

from late
union all
select * exclude (is_waiting)
from kept
where is_waiting and attendance_id not in (select attendance_id from late);

delete from waiting where attendance_id in (select attendance_id from fresh.attendance);

insert into fresh.attendance
from waiting semi join fresh.student_days using (student_id, date);

insert into fresh.waiting_attendance
from waiting
anti join fresh.student_days using (student_id, date)
semi join stopped
    on stopped.student_id = waiting.student_id
    and waiting.date > stopped.out_date
    and waiting.date < least(stopped.last_end, stopped.next_out)
