-- A bulk file replaces all caseloads.
insert into fresh.caseloads select counselor_id, student_id from accepted;

insert into fresh.caseloads
from earlier.caseloads as old
where
    (getvariable('is_delta') or not getvariable('is_present'))
    and not exists (
        from accepted
        where counselor_id = old.counselor_id and student_id = old.student_id
    )
    and not exists (
        from gone
        where gone.key.counselor = old.counselor_id and gone.key.student = old.student_id
    );

-- Once given, caseloads are what counselors see: none now means nobody, not everybody.
insert into fresh.has_records
select 'caseloads', true
where
    exists (from fresh.caseloads)
    or exists (from earlier.has_records where name = 'caseloads')
