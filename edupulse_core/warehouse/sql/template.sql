-- The columns of one source file, without rows.
create or replace temp table template as from query_table($name)
