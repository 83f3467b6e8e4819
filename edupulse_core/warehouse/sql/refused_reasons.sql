-- grain: one row per reason why rows of the file at hand are rejected.
select reason, count(*) from refused where file = getvariable('file') group by reason
