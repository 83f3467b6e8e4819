-- Columns that only one of the two warehouses has: they were written by different programs.
with

columns_of as (
    select database_name, table_name, column_name, data_type
    from duckdb_columns()
    where database_name in ('fresh', 'warehouse')
)

select table_name || '.' || column_name
from columns_of
group by table_name, column_name, data_type
having count(*) <> 2
order by all
