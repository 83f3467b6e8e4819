-- The same district many times over: every student gets $copies selves with ids of their own, who
-- share schools, classes and line items. `whole` is empty, `part` is an imported warehouse.
insert into whole.school_days from part.school_days;
insert into whole.silent_days from part.silent_days;
insert into whole.unknown_weeks from part.unknown_weeks;
insert into whole.school_years from part.school_years;
insert into whole.imports from part.imports;
insert into whole.has_records from part.has_records;
insert into whole.courses from part.courses;
insert into whole.classes from part.classes;
insert into whole.line_items from part.line_items;

insert into whole.student_days
select format('{:03d}-{}', copy, student_id), columns(* exclude (student_id, copy))
from range($copies) as copies(copy), part.student_days
order by all;

insert into whole.enrollment_spans
select format('{:03d}-{}', copy, user_id), columns(* exclude (user_id, copy))
from range($copies) as copies(copy), part.enrollment_spans
where role = 'student'
order by 1;

insert into whole.attendance by name
select * exclude (copy) replace (format('{:03d}-{}', copy, student_id) as student_id)
from range($copies) as copies(copy), part.attendance
order by student_id;

insert into whole.incidents by name
select
    * exclude (copy) replace (
        format('{:03d}-{}', copy, student_id) as student_id,
        format('{:03d}-{}', copy, incident_id) as incident_id
    )
from range($copies) as copies(copy), part.incidents
order by student_id;

insert into whole.withdrawals by name
select * exclude (copy) replace (format('{:03d}-{}', copy, student_id) as student_id)
from range($copies) as copies(copy), part.withdrawals;

insert into whole.results by name
select * exclude (copy) replace (format('{:03d}-{}', copy, student_id) as student_id)
from range($copies) as copies(copy), part.results
order by student_id;
