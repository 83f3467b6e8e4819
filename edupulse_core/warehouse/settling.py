"""After the check of a file: save its rejected rows, and say if there are too many."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from edupulse_core import sql
from edupulse_core.errors import Problem, RefusedError
from edupulse_core.warehouse.bundles import TextFile
from edupulse_core.warehouse.reading import raw_lines


@dataclass(frozen=True)
class Counts:
    """How many rows a file had, and how many of them were imported or rejected."""

    read: int
    imported: int
    rejected: int

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return {"read": self.read, "imported": self.imported, "rejected": self.rejected}


@dataclass(frozen=True)
class Settled:
    """What became of a file's rows."""

    counts: Counts
    reasons: Counter[str]  # file, column and reason → rows
    refusal: RefusedError | None  # of the whole import, where too many rows are rejected


def settle(
    con: duckdb.DuckDBPyConnection,
    text: TextFile,
    n_broken: int,
    n_rows: int,
    n_rejected: int,
    limit: float,
) -> Settled:
    """Save a file's rejected rows with their lines.

    n_broken: how many could not be split.  n_rows: how many could.  n_rejected: how many of these
    do not count.  limit: the share of rejected rows that passes.
    """
    if not n_broken + n_rejected:
        return Settled(Counts(n_rows, n_rows, 0), Counter(), None)
    wanted = sql.table(con, "warehouse/sql/refused_numbers")["row_number"].to_numpy()
    for batch in raw_lines(text, wanted) if len(wanted) else ():
        con.register("raw_lines", batch)
        sql.run(con, "warehouse/sql/rejects")
        con.unregister("raw_lines")
    reasons, n_aside = Counter[str](), 0
    for reason, n, is_set_aside in sql.run(con, "warehouse/sql/refused_reasons"):
        reasons[reason] = n
        n_aside += n * is_set_aside
    counts = Counts(n_broken + n_rows, n_rows - n_rejected, reasons.total())
    return Settled(counts, reasons, _refusal(text.file, counts, n_aside, reasons, limit))


def _refusal(
    file: str, counts: Counts, n_aside: int, reasons: Counter[str], limit: float
) -> RefusedError | None:
    """A refusal above the limit. Rows that are set aside count on neither side."""
    rejected, read = counts.rejected - n_aside, counts.read - n_aside
    if rejected <= Decimal(str(limit)) * read:
        return None
    why = ", ".join(f"{n:,} {reason}" for reason, n in reasons.most_common())
    said = f"{rejected:,} of {read:,} rows rejected, more than {100 * limit:.3g}% ({why})"
    return RefusedError(
        f"{file}: {said}",
        gate="rejected rows",
        counts={"file": file, **counts.as_dict(), "rejects": dict(reasons.most_common())},
        problems=[Problem(file, said)],
    )
