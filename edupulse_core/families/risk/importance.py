"""What a model weighs over all students: by group, feature, modality, week and grade.

It answers two different questions. *Gradient*: how far did this move the scores (mean size of
Integrated Gradients, in logits)? *Permutation*: how much worse does the score predict flags (AUC
lost) when this comes from another student in the same week? Features that say the same thing lose
little alone, so read the groups.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.errors import RefusedError
from edupulse_core.families.risk.agreement import rank_correlation
from edupulse_core.families.risk.attribution import attribute
from edupulse_core.families.risk.results import Importance
from edupulse_core.families.risk.score import school_norms
from edupulse_core.families.risk.serve import Engine
from edupulse_core.features import built, sequences
from edupulse_core.features.catalogue import GROUPS, MODALITIES, NAMES
from edupulse_core.training.evaluation import auc
from edupulse_core.training.hiding import hidden
from edupulse_core.warehouse.grades import place_of

ROWS = 2000  # student-weeks looked at
REPEATS = 10  # permutations of each part
AGO = ((0, 0), (1, 3), (4, 8), (9, 19))  # weeks before the scored one, first and last
_ROWS = sql.load("families/risk/importance_rows")
_LABELED = "select student_id, week_start from outcomes where severity is not null"


@dataclass(frozen=True)
class Labeled:
    """N student-weeks whose outcome is known."""

    values: NDArray[np.float32]  # (N, T, F) as built
    observed: NDArray[np.bool_]  # (N, T)
    norms: NDArray[np.float64]  # (N, F), each school's typical week
    weeks: NDArray[Any]  # (N,)
    students: list[str]
    grades: list[str | None]
    has_flag: NDArray[np.bool_]  # (N,)
    features: tuple[str, ...] = NAMES  # (F,) what the values are of


def read(
    con: duckdb.DuckDBPyConnection,
    *,
    min_history: int = 4,
    n: int = ROWS,
    features: tuple[str, ...] = NAMES,
    among: pa.Table | None = None,
) -> Labeled:
    """At most n labeled student-weeks of the warehouse, the same ones at every call.

    features: those that the version reads.  among: student_id and week_start of the rows that the
    version has not seen; None: all.  Raises RefusedError when there is none.
    """
    con.register("asked_for", con.sql(_LABELED).to_arrow_table() if among is None else among)
    try:
        given = {"min_history": min_history, "n": n}
        table: pa.Table = con.sql(_ROWS, params=given).to_arrow_table()
    finally:
        con.unregister("asked_for")
    if not len(table):
        raise RefusedError("no student-week has an outcome yet: nothing to measure importance on")
    ends = table.select(["student_id", "week_start"])
    found = sequences.windows(con, ends, features=features)
    weeks, schools = table["week_start"].to_pylist(), table["school_id"].to_pylist()
    typical = {week: school_norms(con, week, features) for week in sorted(set(weeks))}
    norms = np.stack([typical[w][s] for w, s in zip(weeks, schools, strict=True)])
    return Labeled(
        found.values,
        found.observed,
        norms,
        np.asarray(weeks, "datetime64[D]"),
        table["student_id"].to_pylist(),
        table["grade"].to_pylist(),
        np.asarray(table["has_flag"].to_pylist(), bool),
        features,
    )


def importance(
    engine: Engine,
    rows: Labeled,
    *,
    others: Sequence[Engine] = (),
    repeats: int = REPEATS,
    seed: int = 0,
) -> Importance:
    """What a model weighs.

    others: engines trained the same way with other seeds. With them, `stability` is the mean rank
    correlation of their tables with this one; without them it is null.
    """
    own, again = (
        _tables(engine, rows, repeats, seed),
        [_tables(each, rows, repeats, seed) for each in others],
    )
    stability = None
    if again:
        stability = {
            how: {
                kind: float(np.mean([_correlation(own[how][kind], b[how][kind]) for b in again]))
                for kind in own[how]
            }
            for how in ("gradient", "permutation")
        }
    return Importance(
        version=engine.version,
        student_weeks=len(rows.values),
        auc=_auc(engine, rows.values, rows),
        **own,
        repeats=repeats,
        stability=stability,
    )


def _tables(engine: Engine, rows: Labeled, repeats: int, seed: int) -> dict[str, Any]:
    cells = attribute(engine, rows.values, rows.observed, rows.norms)
    places = built.group_places(rows.features)
    groups = cells.sum(axis=1, dtype=np.float64) @ np.eye(len(GROUPS))[places]
    lost, spread = _permutation(engine, rows, repeats, seed)
    return {
        "gradient": _gradient(cells, rows.features),
        "permutation": lost,
        "spread": spread,
        "by_grade": _by_grade(np.abs(groups), rows),
    }


def _gradient(cells: NDArray[np.float32], names: Sequence[str]) -> dict[str, dict[str, float]]:
    """How far each part moves a score up or down, mean size in logits."""
    features, weeks = cells.sum(axis=1, dtype=np.float64), cells.sum(axis=2, dtype=np.float64)

    def mean(parts: NDArray[np.float64], names: Sequence[str]) -> dict[str, float]:
        return dict(zip(names, np.abs(parts).mean(axis=0).tolist(), strict=True))

    ago = [weeks[:, weeks.shape[1] - 1 - last : weeks.shape[1] - first] for first, last in AGO]
    groups, modalities = built.group_places(names), _modality_places(names)
    return {
        "group": mean(features @ np.eye(len(GROUPS))[groups], GROUPS),
        "feature": mean(features, names),
        "modality": mean(features @ np.eye(len(MODALITIES))[modalities], MODALITIES),
        "weeks_before": mean(np.stack([part.sum(axis=1) for part in ago], axis=1), _ago_names()),
    }


def _permutation(
    engine: Engine, rows: Labeled, repeats: int, seed: int
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """AUC lost, any flag, when a part of the window comes from another student in the same week.

    Returns the mean and the standard deviation over the repeats.
    """
    whole, rng = _auc(engine, rows.values, rows), np.random.default_rng(seed)
    orders = [_within_weeks(rows, rng) for _ in range(repeats)]
    lost: dict[str, dict[str, float]] = {}
    spread: dict[str, dict[str, float]] = {}
    for kind, name, cells in _parts(rows.values.shape[1], rows.features):
        found = []
        for order in orders:
            mixed = np.where(cells, rows.values[order], rows.values)
            found.append(whole - _auc(engine, mixed, rows))
        lost.setdefault(kind, {})[name] = float(np.mean(found))
        spread.setdefault(kind, {})[name] = float(np.std(found, ddof=1))
    return lost, spread


def _parts(length: int, features: Sequence[str]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Every part: its kind, its name and its cells (T, F)."""
    shape = (length, len(features))
    kinds: dict[str, tuple[NDArray[Any], Sequence[str]]] = {
        "group": (np.array(built.group_places(features)), GROUPS),
        "feature": (np.arange(len(features)), features),
        "modality": (np.array(_modality_places(features)), MODALITIES),
    }
    for kind, (of, names) in kinds.items():
        for at, name in enumerate(names):
            yield kind, name, np.broadcast_to(of == at, shape)
    ago = length - 1 - np.arange(length)[:, None]
    for (first, last), name in zip(AGO, _ago_names(), strict=True):
        yield "weeks_before", name, np.broadcast_to((ago >= first) & (ago <= last), shape)


def _modality_places(features: Sequence[str]) -> list[int]:
    return [MODALITIES.index(built.named(name).modality) for name in features]


def _within_weeks(rows: Labeled, rng: np.random.Generator) -> NDArray[np.int64]:
    """For each row, another student in the same week with as many weeks of history."""
    order = np.arange(len(rows.weeks))
    known = rows.observed.sum(axis=1)
    same = np.unique(np.stack([rows.weeks.astype(np.int64), known]), axis=1, return_inverse=True)[1]
    for alike in np.unique(same):
        members = np.flatnonzero(same.ravel() == alike)
        order[members] = rng.permutation(members)
    return order


def _auc(engine: Engine, values: NDArray[np.float32], rows: Labeled) -> float:
    return auc(engine.logits(values, rows.observed)[0].astype(np.float64), rows.has_flag)


def _by_grade(groups: NDArray[np.float64], rows: Labeled) -> dict[str, dict[str, float] | None]:
    """Mean size by group of features in each grade; null for hidden grades."""
    members: dict[str, list[int]] = {}
    for at, grade in enumerate(rows.grades):
        if grade is not None:
            members.setdefault(grade, []).append(at)
    counts = [[len({rows.students[at] for at in each})] for each in members.values()]
    found = {
        grade: None if dark else dict(zip(GROUPS, groups[each].mean(axis=0).tolist(), strict=True))
        for (grade, each), dark in zip(members.items(), hidden(counts), strict=True)
    }
    return dict(sorted(found.items(), key=lambda item: place_of(item[0])))


def _ago_names() -> list[str]:
    return [f"{first}" if first == last else f"{first}-{last}" for first, last in AGO]


def _correlation(one: dict[str, float], other: dict[str, float]) -> float:
    return rank_correlation(*(np.array([each[name] for name in one]) for each in (one, other)))
