"""What equal errors between groups would cost: the trade-off of two ways to train for them.

`edupulse bench fairness [--quick] [--json]`. On fictional districts that the
active version has not seen, the layers after its attention (the fusion and the score's head) are
trained again, with more and more weight on equal errors. Groups are known in training only, never
at prediction:

* reweighting: rows of each group and outcome count as much as if outcome and group were independent
  (Kamiran and Calders 2012), to a power that grows;
* penalty: the squared difference between each group's share of soft alarms and everyone's,
  separately for those with the outcome and those without (equalized odds), times a strength that
  grows.

Each is calibrated on another district, compared on two more, and shown on the demo's own.
"""

import copy
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from edupulse_core import demo
from edupulse_core.config import OutcomeRules, Settings
from edupulse_core.families.risk import assessment, checkpoint, shipping
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.lifecycle import registry
from edupulse_core.training import calibration, evaluation, fairness
from tests.benchmarks.command import carry_out
from tests.benchmarks.states import after_attention

END = date(2026, 6, 14)
DEMO_END = date(2026, 11, 15)
TRAIN, CALIBRATE, COMPARE = (401, 402, 403), (404,), (405, 406)  # seeds; no version saw them
A_MONDAY = np.datetime64("1970-01-05")
AS_IT_IS = "as it is"
STRENGTHS = {"reweighting": (0.0, 2.0, 4.0, 8.0), "penalty": (1.0, 1.5, 2.0, 4.0, 16.0)}
EPOCHS, BATCH = 8, 4096
ALARM = 0.25  # score; the lower edge of medium
SHARPNESS = 0.3  # logits; a soft alarm goes from off to on over a few of these
GROUPS = ("race", "sex", "language", "disability", "meal", "school", "grade")
WORDS = (
    "The last layers (fusion and head) are trained again; the number is the weight on equal "
    "errors. Groups are known in training only. Off: predicted minus observed severity, the widest "
    "difference between two groups of one attribute."
)
GAP = (
    "The highest group minus the lowest, in points, for risk level Medium or above and any flag; "
    f"groups of {fairness.COMPARED} students or more, in the demo district."
)


@dataclass(frozen=True)
class Rows:
    """Student-weeks with what the network holds of them after attention."""

    pooled: Tensor  # (N, projection)
    severity: NDArray[np.float64]  # (N,)
    students: NDArray[Any]  # (N,)
    groups: assessment.Groups


def run(settings: Settings, *, quick: bool = False) -> dict[str, Any]:
    """AUC, calibration and gaps of every strength, on two districts and on the demo's."""
    folder = registry.active_version(settings, "risk")
    model = checkpoint.load(folder)
    students = 200 if quick else 1500
    part = slice(0, 1) if quick else slice(None)
    train, calibrate, compare = (
        _together([_district(model, seed, students, 36, END) for seed in seeds[part]])
        for seeds in (TRAIN, CALIBRATE, COMPARE)
    )
    shown = _district(model, demo.SEED, 200 if quick else 1200, 24, DEMO_END)
    parts = {"compared": compare, "demo": shown}
    rows = [{"way": AS_IT_IS, "strength": 0.0, **_tried(model, None, calibrate, parts)}]
    for way, strengths in STRENGTHS.items():
        for strength in strengths[part]:
            after = _trained(model, train, way, strength, epochs=1 if quick else EPOCHS)
            rows.append(
                {"way": way, "strength": strength, **_tried(model, after, calibrate, parts)}
            )
    found = {
        "version": folder.name,
        "quick": quick,
        "train_rows": len(train.severity),
        "rows": rows,
    }
    return found | {f"{name}_rows": len(each.severity) for name, each in parts.items()}


def tables(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The demo's figures, a row a strength: what equal errors cost, and how equal they get."""
    named = [({"trained": _in_words(row)}, row["demo"]) for row in found["rows"]]
    cost = [
        name | {"AUC": f"{row['auc']:.4f}", "ECE": f"{row['ece']:.4f}", "off": f"{row['off']:.3f}"}
        for name, row in named
    ]
    words = (
        f"{WORDS} Trained on {found['train_rows']:,} student-weeks, measured on "
        f"{found['demo_rows']:,} of the demo district."
    )
    gaps = [
        {
            "title": f"Gaps in {title}, in points",
            "words": GAP,
            "rows": [
                name | {group: f"{100 * row[rate][group]:.1f}" for group in GROUPS}
                for name, row in named
            ],
            "card": True,
        }
        for rate, title in (("recall", "recall"), ("fpr", "false-positive rate"))
    ]
    return [
        {"title": "What equal errors would cost", "words": words, "rows": cost, "card": True},
        *gaps,
    ]


def _in_words(row: Mapping[str, Any]) -> str:
    return row["way"] if row["way"] == AS_IT_IS else f"{row['way']}, {row['strength']:g}"


def _district(model: RiskModel, seed: int, students: int, weeks: int, end: date) -> Rows:
    """A fictional district's labeled weeks, one in three, as the network sees them."""
    with tempfile.TemporaryDirectory() as folder:
        asked = {"students": students, "weeks": weeks, "seed": seed, "truth": False}
        with shipping.simulated(Path(folder), end=end, **asked) as con:
            examples = risk_examples.read(con, OutcomeRules())
            number = (examples.weeks - A_MONDAY) // np.timedelta64(7, "D")
            examples = examples.of(np.flatnonzero(number % 3 == 0))  # neighbors say nearly the same
            groups = assessment.read_groups(con, examples)
    names = np.char.add(f"{seed}/", examples.students)
    return Rows(after_attention(model, examples), examples.severity, names, groups)


def _together(parts: Sequence[Rows]) -> Rows:
    return Rows(
        torch.cat([part.pooled for part in parts]),
        np.concatenate([part.severity for part in parts]),
        np.concatenate([part.students for part in parts]),
        {name: np.concatenate([part.groups[name] for part in parts]) for name in GROUPS},
    )


def _trained(model: RiskModel, train: Rows, way: str, strength: float, *, epochs: int) -> nn.Module:
    """The fusion and the score's head after some epochs of cross-entropy and the way's own term."""
    torch.manual_seed(0)
    after = nn.Sequential(copy.deepcopy(model.network.fusion), copy.deepcopy(model.network.score))
    severity = torch.from_numpy(train.severity.astype(np.float32))
    came = severity > 0
    power = strength if way == "reweighting" else 0.0
    weight = torch.from_numpy(reweighted(train.groups, train.severity > 0, power))
    members = _members(train.groups) if way == "penalty" else []
    optimizer = torch.optim.Adam(after.parameters(), lr=1e-3, weight_decay=1e-5)
    after.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(severity)).split(BATCH):
            logit = after(train.pooled[rows]).squeeze(-1)
            each = F.binary_cross_entropy_with_logits(logit, severity[rows], reduction="none")
            loss = (weight[rows] * each).mean()
            for member in members:
                loss = loss + strength * unequal(logit, came[rows], member[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return after.eval()


def reweighted(
    groups: assessment.Groups, came: NDArray[np.bool_], power: float
) -> NDArray[np.float32]:
    """Each row's weight, (N,), 1 on average: as if outcome and group were independent."""
    weight = np.ones(len(came))
    for names in groups.values():
        for name in np.unique(names):
            for outcome in (False, True):
                rows = (names == name) & (came == outcome)
                if rows.sum() >= 100:
                    expected = (names == name).mean() * (came == outcome).mean()
                    weight[rows] *= (expected / rows.mean()) ** power
    return (weight / weight.mean()).astype(np.float32)


def unequal(logit: Tensor, came: Tensor, member: Tensor) -> Tensor:
    """How far groups' shares of soft alarms are from everyone's, with and without the outcome.

    logit: (B,).  came: (B,) bool.  member: (B, G), 1 in the group of the row.
    """
    edge = float(np.log(ALARM / (1 - ALARM)))
    alarm = torch.sigmoid((logit - edge) / SHARPNESS)
    total = logit.new_zeros(())
    for side in (came, ~came):
        inside = member * side[:, None]
        size = inside.sum(dim=0)
        away = (inside * alarm[:, None]).sum(dim=0) / size.clamp(min=1) - alarm[side].mean()
        total = total + (size / size.sum().clamp(min=1) * away**2).sum()
    return total


def _members(groups: assessment.Groups) -> list[Tensor]:
    found = []
    for names in groups.values():
        number = np.unique(names, return_inverse=True)[1]
        found.append(F.one_hot(torch.from_numpy(number)).float())
    return found


def _tried(
    model: RiskModel, after: nn.Module | None, calibrate: Rows, parts: Mapping[str, Rows]
) -> dict[str, Any]:
    """AUC, calibration and gaps of a head, the version's own if None, calibrated elsewhere."""
    head = after or nn.Sequential(model.network.fusion, model.network.score)
    with torch.inference_mode():
        raw = head(calibrate.pooled).squeeze(-1).double().numpy()
        scale = calibration.fit(raw, calibrate.severity)
        return {
            name: _measured(scale.apply(head(each.pooled).squeeze(-1).double().numpy()), each)
            for name, each in parts.items()
        }


def _measured(score: NDArray[np.float64], rows: Rows) -> dict[str, Any]:
    came, flagged = rows.severity > 0, (score >= ALARM).astype(np.float64)
    wrong = score - rows.severity
    every = np.ones(len(came), dtype=bool)
    return {
        "auc": evaluation.auc(score, came),
        "ece": evaluation.calibration_error(score, rows.severity),
        "off": max(_spread(wrong, every, names, rows) for names in rows.groups.values()),
        "recall": {name: _spread(flagged, came, each, rows) for name, each in rows.groups.items()},
        "fpr": {name: _spread(flagged, ~came, each, rows) for name, each in rows.groups.items()},
    }


def _spread(
    values: NDArray[np.float64], chosen: NDArray[np.bool_], names: NDArray[Any], rows: Rows
) -> float:
    """Largest less smallest mean over chosen rows, of groups that are large enough to compare."""
    means = [
        values[chosen & (names == name)].mean()
        for name in np.unique(names)
        if len(np.unique(rows.students[names == name])) >= fairness.COMPARED
    ]
    return float(np.ptp(means)) if len(means) > 1 else 0.0


if __name__ == "__main__":
    sys.exit(carry_out("fairness", run, sys.argv[1:], tables=tables))
