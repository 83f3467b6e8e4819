insert into fresh.rejects
select getvariable('file'), row_number, column_name, reason, raw from refused_now
