"""How the risk family's kept scores are compared with the outcomes that came since."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import sql
from edupulse_core.config import Rules, Settings
from edupulse_core.families.family import ANSWERS, CAME, Array, Taught, Watching
from edupulse_core.families.risk.bands import bands_of
from edupulse_core.families.risk.examples import Examples, joined
from edupulse_core.families.risk.examples import asked as ask_week
from edupulse_core.families.risk.tiers import TIERS
from edupulse_core.families.risk.version import verify
from edupulse_core.store import predictions
from edupulse_core.store.database import open_store
from edupulse_core.store.runs import RunRecord
from edupulse_core.training.conformal import LEVEL


def said(settings: Settings, folder: Path, run: RunRecord) -> pa.Table:
    """The scores of a kept run with their bands, as ANSWERS; students without a score left out."""
    rows = predictions.run_rows(open_store(settings), run.run_id or 0)
    rows = rows.filter(rows["risk_score"].is_valid())
    score, *chances = (
        np.asarray(rows[name].to_numpy(), float)
        for name in ("risk_score", *(f"p_{tier}" for tier in TIERS))
    )
    probabilities = np.stack(chances, axis=1)
    bands = verify(folder).bands_under(settings.outcomes)
    spans = bands_of(settings, bands, score, probabilities)
    known = ~np.isnan(probabilities).any(axis=1)
    details = [
        json.dumps(dict(zip(TIERS, row, strict=True)) if is_known else {})
        for row, is_known in zip(probabilities.tolist(), known.tolist(), strict=True)
    ]
    return pa.Table.from_pydict(
        {
            "subject": rows["student_id"].to_pylist(),
            "object": [""] * len(rows),
            "rank": [None] * len(rows),
            "value": score,
            "low": [span and span.severity[0] for span in spans],
            "high": [span and span.severity[1] for span in spans],
            "label": rows["tier"].to_pylist(),
            "details": details,
        },
        schema=ANSWERS,
    )


def came(con: DuckDBPyConnection, rules: Rules, days: Collection[date]) -> pa.Table:
    """What followed the weeks that begin on some Mondays, as CAME, as far as it is known."""
    return sql.table(con, "families/risk/came", {"mondays": list(days)}).cast(CAME)


def chance(told: pa.Table) -> Array:
    """The probability that any flag is raised: that the level will not be Low."""
    rows = (json.loads(text) for text in told["details"].to_pylist())
    return np.array([1.0 - row["low"] if "low" in row else np.nan for row in rows])


def flagged(told: pa.Table, rules: Rules) -> NDArray[np.bool_]:
    """Whether the level is Medium or above: one flag or more is expected."""
    found: NDArray[np.bool_] = np.round(told["value"].to_numpy(), 9) >= rules.outcomes.tiers[0]
    return found


def teach(
    con: DuckDBPyConnection, rules: Rules, examples: Examples, verdicts: Sequence[Taught]
) -> Examples:
    """The examples, and the weeks that verdicts tell of and that have no outcome yet.

    A verdict says whether any flag was raised, not which: the severity of a positive one is the
    mean of the examples' own.
    """
    known = set(zip(examples.students.tolist(), examples.weeks.tolist(), strict=True))
    severity = examples.severity[examples.severity > 0]
    positive = float(severity.mean()) if len(severity) else min(rules.outcomes.tiers)
    parts = [examples]
    for monday in sorted({each.day for each in verdicts}):
        told = {
            each.student_id: each.is_positive
            for each in verdicts
            if each.day == monday and (each.student_id, monday) not in known
        }
        if not told:
            continue
        asked = ask_week(con, rules.outcomes, list(told), monday)
        came = [positive if told[who] else 0.0 for who in asked.students.tolist()]
        if len(asked):
            parts.append(replace(asked, severity=np.array(came)))
    return joined(parts)


WATCHING = Watching(said, came, chance, flagged, level=LEVEL, teach=teach)
