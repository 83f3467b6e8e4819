"""How good predictions turned out to be: kept predictions joined with what came since."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.config import Rules
from edupulse_core.families.family import Watching
from edupulse_core.training.shift import (
    FEWEST,
    Array,
    Measured,
    auc_with_error,
    chance_of,
    expected_auc,
    mean_with_error,
)

ALPHA = 0.005  # chance that a figure which did not change looks worse
WORSE_BY = {  # a figure counts as worse from this difference on, if it is also beyond chance
    "auc": 0.03,
    "accuracy": 0.1,
    "fpr": 0.1,
    "fnr": 0.1,
    "coverage": 0.05,
}
ERROR_RATIO = 1.2  # of the mean absolute error to the baseline's
FALLS = {"auc", "accuracy", "coverage"}  # worse when smaller


@dataclass(frozen=True)
class Judged:
    """N predictions whose outcome is known."""

    student: NDArray[np.str_]
    value: Array
    came: Array
    is_positive: NDArray[np.bool_]
    is_flagged: NDArray[np.bool_]
    is_right: NDArray[np.bool_]  # the label came true
    is_inside: Array  # 1 where what came lies in the band, 0 where not; NaN without a band

    def __len__(self) -> int:
        return len(self.value)

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Several weeks as one."""
        return cls(
            *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls))
        )


def judge(watching: Watching, rules: Rules, said: pa.Table, came: pa.Table) -> Judged:
    """The predictions of one week whose outcome came.  said: ANSWERS.  came: CAME of that week."""
    said = said.append_column("is_flagged", pa.array(watching.flagged(said, rules)))
    both = said.select(["subject", "object", "value", "low", "high", "label", "is_flagged"]).join(
        came.rename_columns([*came.column_names[:3], "came", "came_label", "is_positive"]),
        keys=["subject", "object"],
        join_type="inner",
    )
    value, low, high, found = (
        np.asarray(both[name].to_numpy(), float) for name in ("value", "low", "high", "came")
    )
    inside = np.where(np.isnan(low), np.nan, (low - 1e-9 <= found) & (found <= high + 1e-9))
    labels = (both[name].to_pylist() for name in ("label", "came_label"))
    return Judged(
        np.asarray(both["subject"].to_pylist(), np.str_),
        value,
        found,
        np.asarray(both["is_positive"].to_numpy(zero_copy_only=False), bool),
        np.asarray(both["is_flagged"].to_numpy(zero_copy_only=False), bool),
        np.array([a == b for a, b in zip(*labels, strict=True)], bool),
        inside,
    )


def figures(judged: Judged) -> dict[str, Measured]:
    """The figures that the outcomes allow, by name."""
    found = {
        "auc": auc_with_error(judged.value, judged.is_positive, judged.student),
        "mae": _mean(np.abs(judged.value - judged.came), judged.student),
        "accuracy": _mean(judged.is_right, judged.student),
        "fpr": _mean(judged.is_flagged, judged.student, ~judged.is_positive),
        "fnr": _mean(~judged.is_flagged, judged.student, judged.is_positive),
        "coverage": _mean(judged.is_inside, judged.student, ~np.isnan(judged.is_inside)),
    }
    return {name: each for name, each in found.items() if each is not None}


def estimated_auc(watching: Watching, said: pa.Table) -> float | None:
    """The AUC to expect, before any outcome is known; None where no chance is known."""
    chance, value = watching.chance(said), np.asarray(said["value"].to_numpy(), float)
    known = ~np.isnan(chance)
    return expected_auc(value[known], chance[known]) if known.any() else None


def worse(now: dict[str, Measured], before: dict[str, Measured]) -> dict[str, dict[str, Any]]:
    """The figures that are worse than the baseline by enough to matter, and beyond chance."""
    found = {}
    for name, each in now.items():
        then = before.get(name)
        if then is None or min(each.rows, then.rows) < FEWEST:
            continue
        sign = -1.0 if name in FALLS else 1.0
        floor = WORSE_BY.get(name, (ERROR_RATIO - 1) * then.value)
        rise = sign * (each.value - then.value)
        if rise >= floor and chance_of(rise, each, then) <= ALPHA:
            found[name] = {"now": each.value, "before": then.value, "rows": each.rows}
    return found


def _mean(
    values: NDArray[Any], student: NDArray[np.str_], rows: NDArray[np.bool_] | None = None
) -> Measured | None:
    """A mean over some rows; None where there is none."""
    if rows is not None:
        values, student = values[rows], student[rows]
    return mean_with_error(values.astype(float), student) if len(values) else None
