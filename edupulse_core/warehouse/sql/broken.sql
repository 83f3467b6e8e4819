-- Rows that could not even be split into columns.
insert into refused
select getvariable('file'), row_number, null, null, reason, null from broken_rows
