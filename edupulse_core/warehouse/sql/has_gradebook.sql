-- Grades are known once both the work and its results were imported, together or one by one.
select count(*) = 2 from fresh.has_records where name in ('lineItems', 'results') and present
