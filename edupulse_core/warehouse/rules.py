"""The district's rules as tables: which rule counts at which school and grade."""

import duckdb
import pyarrow as pa

from edupulse_core import sql
from edupulse_core.config import SchoolRules, Settings

_BLOCKS = pa.schema(
    [
        ("no", pa.int32()),
        ("schools", pa.list_(pa.string())),
        ("grades", pa.list_(pa.string())),
        ("minutes_a_day", pa.int32()),
        ("classes_a_day", pa.int32()),
        ("failing_below", pa.float64()),
        ("edges", pa.list_(pa.float64())),
        ("points", pa.list_(pa.float64())),
        ("has_letters", pa.bool_()),
        ("is_default", pa.bool_()),
    ]
)
_LETTERS = pa.schema([("no", pa.int32()), ("word", pa.string()), ("share", pa.float64())])


def install(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make the tables of rules for the warehouse that `con` finds first.

    They are `school_rules`, `class_rules`, `point_rules` and `letter_rules`, and `lettered`, the
    results whose grade is a word.
    """
    blocks = [*settings.rules, _district(settings)]
    rows = [_block(no, block, no == len(blocks)) for no, block in enumerate(blocks, 1)]
    words = [
        {"no": no, "word": word.strip().lower(), "share": share}
        for no, block in enumerate(blocks, 1)
        for word, share in block.letters or ()
    ]
    con.register("given_blocks", pa.Table.from_pylist(rows, _BLOCKS))
    con.register("given_letters", pa.Table.from_pylist(words, _LETTERS))
    sql.run(con, "warehouse/sql/school_rules")
    sql.run(con, "warehouse/sql/lettered")
    con.unregister("given_blocks")
    con.unregister("given_letters")


def _district(settings: Settings) -> SchoolRules:
    """The district's own rules as a last block, which fits everywhere."""
    return SchoolRules(
        schools=("",),
        minutes_a_day=settings.attendance.minutes_a_day,
        classes_a_day=settings.attendance.classes_a_day,
        failing_below=settings.grades.failing_below,
        points=settings.grades.points,
        letters=settings.grades.letters,
    )


def _block(no: int, block: SchoolRules, is_default: bool) -> dict[str, object]:
    points = None if block.points is None else sorted(block.points, reverse=True)
    return {
        "no": no,
        "schools": [] if is_default else list(block.schools),
        "grades": list(block.grades),
        "minutes_a_day": block.minutes_a_day,
        "classes_a_day": block.classes_a_day,
        "failing_below": block.failing_below,
        "edges": None if points is None else [edge for edge, _ in points],
        "points": None if points is None else [point for _, point in points],
        "has_letters": block.letters is not None,
        "is_default": is_default,
    }
