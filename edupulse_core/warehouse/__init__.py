"""From a district's files to the warehouse: read, checked, published as one DuckDB file."""
