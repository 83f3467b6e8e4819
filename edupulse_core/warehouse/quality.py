"""Checks for the data steward: each SQL file in `quality/` asks the warehouse one question."""

from dataclasses import dataclass
from datetime import date

import duckdb

from edupulse_core import sql

SILENT_MARKS = 20  # school days without a grade: the four weeks that features look back on


@dataclass(frozen=True)
class Finding:
    """The answer to one question."""

    name: str  # the SQL file's name
    n: int  # how many; 0: nothing to do
    sentence: str  # what they are and what it means; follows the number


@dataclass(frozen=True)
class SilentMarks:
    """A school that stopped sending grades."""

    school: str
    last_mark: date
    n_days: int  # school days since then


def silent_marks(con: duckdb.DuckDBPyConnection, as_of: date) -> list[SilentMarks]:
    """Schools with grades once, but none on their last SILENT_MARKS school days up to as_of."""
    given = {"as_of": as_of, "silent_days": SILENT_MARKS}
    rows = sql.run(con, "warehouse/sql/silent_marks", given)
    return [SilentMarks(*row) for row in rows]


def check(con: duckdb.DuckDBPyConnection, as_of: date) -> list[Finding]:
    """Run every check; the largest numbers come first.

    con: to a warehouse.  as_of: the last day with data.
    """
    n = len(silent_marks(con, as_of))
    who = "school sent no grades in its" if n == 1 else "schools sent no grades in their"
    findings = [Finding("silent_marks", n, f"{who} last {SILENT_MARKS} school days or more.")]
    for name in sql.names("warehouse/quality"):
        sentence, n = sql.run(con, name)[0]
        findings.append(Finding(name.rpartition("/")[2], int(n), sentence))
    return sorted(findings, key=lambda finding: (-finding.n, finding.name))
