"""The SQL of the import, kept in files of its own."""

from functools import cache
from importlib.resources import files

import duckdb

_HERE = files("edupulse_core.warehouse")


@cache
def read(name: str) -> str:
    """The text of one SQL file."""
    return (_HERE / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def run(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run every statement of one SQL file."""
    con.execute(read(name)).fetchall()


def schema() -> str:
    """The tables of a warehouse."""
    return (_HERE / "schema.sql").read_text(encoding="utf-8")
