-- Keep the loaded and the checked rows until those of attendance.csv are there too.
alter table raw rename to raw_incidents;

alter table checked rename to seen_incidents;

set variable incidents_is_delta = getvariable('is_delta')
