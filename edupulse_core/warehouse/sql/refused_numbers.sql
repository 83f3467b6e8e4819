-- The rejected rows of the file at hand, in its order.
select row_number from refused where file = getvariable('file') order by row_number
