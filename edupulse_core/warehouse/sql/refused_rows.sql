-- The rows of the file at hand that were split into columns but break a rule.
select row_number, string_split(problem, '|')[1], string_split(problem, '|')[2]
from refused
where file = getvariable('file')
order by row_number
