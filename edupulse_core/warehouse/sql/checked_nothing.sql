-- A file that is not in the bundle: no row to check.
create or replace table checked as from template
