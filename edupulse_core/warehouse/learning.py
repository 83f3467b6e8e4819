"""Learning records of an import: what goes with deleted ones, and what looks wrong with them."""

from graphlib import CycleError, TopologicalSorter

import duckdb

from edupulse_core import sql


def notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence for everything in the learning records that looks wrong."""
    found = [row[0] for row in sql.run(con, "warehouse/sql/learning_notes")]
    return found + _circle(con)


def _circle(con: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence if some skills need each other, so that nobody could begin with any of them."""
    query = "select skill_id, prerequisites from fresh.skills order by skill_id"
    needs = dict(con.execute(query).fetchall())
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        names = " → ".join(error.args[1][:6]) + (" → …" if len(error.args[1]) > 6 else "")
        return [
            f"skills.csv: the prerequisites of some skills lead back to themselves ({names}). "
            "Nobody could begin with any of them: take one prerequisite out."
        ]
    return []
