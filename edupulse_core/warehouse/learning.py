"""Learning records of an import: what goes with deleted ones, and what looks wrong with them."""

from graphlib import CycleError, TopologicalSorter

import duckdb

from edupulse_core import sql

NAMED, LONGEST = 3, 6  # circles that are named, and skills of each


def notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence for everything in the learning records that looks wrong."""
    found = [row[0] for row in sql.run(con, "warehouse/sql/learning_notes")]
    return found + _circles(con)


def _circles(con: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence if some skills need each other, so that nobody could begin with any of them."""
    query = "select skill_id, prerequisites from fresh.skills order by skill_id"
    needs = {skill: set(given or ()) for skill, given in con.execute(query).fetchall()}
    found = [
        " → ".join(circle[:LONGEST]) + " → …" * (len(circle) > LONGEST)
        for circle in without_circles(needs)
    ]
    if not found:
        return []
    more = [f"{len(found) - NAMED:,} more"] if len(found) > NAMED else []
    return [
        "skills.csv: the prerequisites of some skills lead back to themselves "
        f"({'; '.join([*found[:NAMED], *more])}). Nobody could begin with any of them: take one "
        f"prerequisite out{' of each circle' * (len(found) > 1)}."
    ]


def without_circles(needs: dict[str, set[str]]) -> list[list[str]]:
    """Take out what the skills of each circle need of each other; returns the circles."""
    found = []
    while (circle := _circle(needs)) is not None:
        found.append(circle)
        for skill in circle:
            needs[skill] -= set(circle)
    return found


def _circle(needs: dict[str, set[str]]) -> list[str] | None:
    """Skills each of which is needed by the next, back to the first; None without any."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return None
