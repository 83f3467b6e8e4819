"""Sources to warehouse: staged, checked, published as an immutable DuckDB file."""
