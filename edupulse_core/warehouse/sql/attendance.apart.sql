-- Keep the loaded and the checked rows until those of incidents.csv are there too.
alter table raw rename to raw_attendance;

alter table checked rename to seen_attendance;

set variable attendance_is_delta = getvariable('is_delta')
