-- A file that is not in the bundle.
create or replace table raw as from template
