insert into fresh.attendance
select key, student_id, anchor, status, reason, class_id, minutes_missed from accepted;

insert into fresh.attendance
from earlier.attendance as old
where
    attendance_id not in (select key from accepted)
    and not exists (
        from covered where old.date >= covered.start_date and old.date < covered.end_date
    )
