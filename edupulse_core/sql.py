"""SQL kept in files: parsed once, and run with just the values that each statement names."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection, Statement

_PACKAGE = files("edupulse_core")
_parsed: dict[str, list[Statement]] = {}  # text → its statements, for every connection


@cache
def load(name: str) -> str:
    """The text of `edupulse_core/<name>.sql`."""
    return _PACKAGE.joinpath(f"{name}.sql").read_text(encoding="utf-8")


def names(folder: str) -> list[str]:
    """The names, for `load`, of the SQL files in `edupulse_core/<folder>`."""
    found = (path.name for path in _PACKAGE.joinpath(folder).iterdir())
    return sorted(f"{folder}/{name[:-4]}" for name in found if name.endswith(".sql"))


def run(
    con: DuckDBPyConnection, name: str, values: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Run every statement of a file; returns the rows of the last one."""
    return run_text(con, load(name), values)


def run_text(
    con: DuckDBPyConnection, text: str, values: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Run every statement of a text that is kept elsewhere; returns the rows of the last one."""
    rows: list[tuple[Any, ...]] = []
    for statement in parsed(con, text):
        rows = con.execute(statement, _named(statement, values)).fetchall()
    return rows


def table(con: DuckDBPyConnection, name: str, values: Mapping[str, Any] | None = None) -> pa.Table:
    """Run a file that is one query; returns its rows as an Arrow table."""
    (statement,) = parsed(con, load(name))
    return con.sql(statement, params=_named(statement, values)).to_arrow_table()


def parsed(con: DuckDBPyConnection, text: str) -> list[Statement]:
    """The statements of a text, parsed once in each process: to run one leaves it as it was."""
    if text not in _parsed:
        _parsed[text] = con.extract_statements(text)
    return _parsed[text]


def _named(statement: Statement, values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: (values or {})[name] for name in statement.named_parameters}
