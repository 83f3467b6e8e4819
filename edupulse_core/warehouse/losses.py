"""The gate against loss: a smaller file must not quietly take away what was known before."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from edupulse_core import sql, words
from edupulse_core.errors import Problem, RefusedError

GATE = "loss"
LIMITS = {
    "share": 0.02,  # of a school's records of a year; a fall of more is refused ...
    "fewest": 50,  # ... if it is at least so many
    "few": 10,  # a fall to nothing is refused from so many
}


_FILES = {
    "attendance rows": "attendance.csv",
    "results": "results.csv",
    "incidents": "incidents.csv",
}


@dataclass(frozen=True)
class Loss:
    """What a school would lose of one kind of record in one school year."""

    measure: str  # "student-weeks", "results", ...
    school: str
    school_year: int | None  # None: students of today, or before the first school year
    stood: int
    stands: int
    first_day: date | None  # of the weeks that lose; None: students of today
    last_day: date | None

    def __str__(self) -> str:
        what = f"{self.stood - self.stands:,} of {self.stood:,} {self.measure} at {self.school}"
        if self.first_day is None or self.last_day is None:
            return what
        return f"{what} between {words.day(self.first_day)} and {words.day(self.last_day)}"

    def as_json(self) -> dict[str, Any]:
        """The loss for the audit trail."""
        days = {"first_day": self.first_day, "last_day": self.last_day}
        return asdict(self) | {name: day and day.isoformat() for name, day in days.items()}


def refusal(con: duckdb.DuckDBPyConnection, bundle: str) -> RefusedError | None:
    """Why an import is refused if the warehouse `fresh` lacks too much of what `earlier` has.

    bundle: its name, for losses that no single file causes.
    """
    con.execute(
        "create or replace temp table standing "
        "(side text, measure text, school_id text, week_start date, n bigint)"
    )
    sql.run(con, "warehouse/sql/left_out")
    for side, use in (("before", "use earlier"), ("after", "use fresh")):
        con.execute(use)
        sql.run(con, "warehouse/sql/standing", {"side": side})
    con.execute("use staging")
    lost = [Loss(*row) for row in sql.run(con, "warehouse/sql/losses", LIMITS)]
    told = [(_FILES.get(each.measure, bundle), str(each)) for each in lost]
    if n_caseloads := sql.run(con, "warehouse/sql/caseloads_gone")[0][0]:
        told.append(("caseloads.csv", f"all {n_caseloads:,} rows of the caseloads"))
    if not told:
        return None
    return RefusedError(
        f"this import would lose {'; '.join(what for _, what in told)}. Nothing was imported. "
        "If that is right, import it with --replace; another district needs a home of its own",
        gate=GATE,
        counts={"losses": [each.as_json() for each in lost], "caseloads": n_caseloads},
        problems=[Problem(file, f"{what} would be lost") for file, what in told],
    )
