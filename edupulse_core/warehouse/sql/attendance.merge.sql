insert into fresh.attendance
select key, student_id, anchor, status, reason, class_id, minutes_missed from accepted;

create or replace temp view kept as
from (
    select *, false as is_waiting from earlier.attendance
    union all
    select *, true from earlier.waiting_attendance
) as old
where
    attendance_id not in (select key from accepted)
    and attendance_id not in (select key from gone)
    and not exists (
        from covered
        where
            covered.file = 'attendance'
            and old.date >= covered.start_date
            and old.date < covered.end_date
    );

insert into fresh.attendance
select * exclude (is_waiting) from kept where not is_waiting;

-- Rows of students who had withdrawn, now and before.
create or replace temp table waiting as
select * exclude (is_waiting) from kept where is_waiting
union all
select key, student_id, anchor, status, reason, class_id, minutes_missed
from seen_attendance
where
    problem is null
    and row_number not in (select row_number from taken)
    and row_number not in (from doubles)
qualify row_number() over (partition by key order by row_number) = 1;

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
