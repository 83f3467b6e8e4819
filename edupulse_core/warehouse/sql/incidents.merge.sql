insert into fresh.incidents
select key, student_id, anchor, type, severity, action, days_removed from accepted;

insert into fresh.incidents
from earlier.incidents as old
where
    incident_id not in (select key from accepted)
    and not exists (
        from covered where old.date >= covered.start_date and old.date < covered.end_date
    )
