-- grain: one row per column of the warehouse.
select table_name, column_name, data_type from duckdb_columns() where database_name = 'warehouse'
