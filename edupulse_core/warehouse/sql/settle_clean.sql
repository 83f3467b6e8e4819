-- What `settle` makes of a file that is clean, or not in the bundle: every row counts.
create or replace table doubles (row_number bigint);

create or replace table problems (row_number bigint, column_name text, reason text);

create or replace temp view accepted as from checked;

create or replace temp view taken as select row_number from checked;

create or replace temp table gone as select key, anchor from checked limit 0
