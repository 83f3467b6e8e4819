"""HSLS:09, US high schools: facts of grade 9 and grade 11, and who ever dropped out.

No weeks: the network sees two steps, the two waves of questions. Sex and race stand beside, for the
audit; they enter no model.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.benchmarks.outcomes import files
from tests.benchmarks.outcomes.weekly import RESULTS, Case, Weekly

OUTCOME, STUDENT, AUDIT = "X4EVERDROP", "STU_ID", ("X1SEX", "X1RACE")
SECOND = ("X2SCHOOLCLI", "X2PROBLEM")  # asked in grade 11
MARKS = {"A": 4.0, "B": 3.0, "C": 2.0, "D": 1.0, "Below D": 0.0}
KINDS = ("X1CONTROL", "X1LOCALE", "X1REGION")
PUBLISHED = {
    "grade 11": "test part: SVM .789, NN .788, logistic .778, XGBoost .777, forest .777 (R), "
    "logistic .787, boosting .783 (V)"
}


@dataclass(frozen=True)
class School:
    """The students, and what only the audit may know."""

    case: Case
    groups: dict[str, NDArray[np.object_]]  # sex, race: (N,)


def read(folder: Path) -> School:
    """The published training part."""
    columns = {
        **{OUTCOME: files.FLAG, STUDENT: files.WHOLE, "X1SEX": files.FLAG, "X1RACE": files.TEXT},
        **dict.fromkeys(SECOND, files.MAYBE_NUMBER),
        **dict.fromkeys(KINDS, files.TEXT),
        "S1M8GRADE": files.MAYBE_TEXT,
    }
    file = folder / "hsls_train.csv"
    return school(files.read(file, columns, key=[STUDENT], others=files.MAYBE_NUMBER))


def school(table: pd.DataFrame) -> School:
    """One step a wave; what is asked in grade 11 is unknown in grade 9."""
    facts = table.drop(columns=[OUTCOME, STUDENT, *AUDIT, *KINDS, "S1M8GRADE"])
    facts = facts.astype(float)
    facts["mark_grade_8"] = table["S1M8GRADE"].map(MARKS)
    for name in KINDS:
        for kind in sorted(table[name].unique())[1:]:
            facts[f"{name}: {kind}"] = (table[name] == kind).astype(float)
    first = [name for name in facts.columns if name not in SECOND]
    values = np.repeat(facts[[*first, *SECOND]].to_numpy(np.float32)[:, None], 2, axis=1)
    values[:, 0, len(first) :] = np.nan
    both = np.ones((len(table), 2), dtype=bool)
    weekly = Weekly(
        values,
        both,
        both,
        np.where(table[OUTCOME] == 1, RESULTS.index("Withdrawn"), RESULTS.index("Pass")),
        table[STUDENT].to_numpy(np.int64),
        np.full(len(table), "HSLS:09", dtype=object),
        (*first, *SECOND),
        (len(first), len(SECOND)),
    )
    last = both & (np.arange(2) == 1)
    groups = {
        "sex": np.where(table["X1SEX"] == 1, "X1SEX = 1", "X1SEX = 0").astype(object),
        "race": table["X1RACE"].to_numpy(object),
    }
    return School(Case("HSLS:09", weekly, {"grade 11": 1}, last, None, PUBLISHED), groups)


def recall_by_group(
    score: NDArray[np.float64],
    positive: NDArray[np.bool_],
    group: NDArray[np.object_],
    *,
    share: float = 0.2,
    at_least: int = 200,
) -> dict[str, dict[str, float]]:
    """Recall and false alarms by group when a share of all is flagged; no group that is small."""
    flagged = _flagged(score, share)
    found = {}
    for name in sorted(set(group)):
        of = group == name
        if of.sum() >= at_least:
            found[str(name)] = {
                "students": int(of.sum()),
                "recall": round(float(flagged[of & positive].mean()), 4),
                "false_positive_rate": round(float(flagged[of & ~positive].mean()), 4),
            }
    return found


def recall_gap(
    score: NDArray[np.float64],
    positive: NDArray[np.bool_],
    group: NDArray[np.object_],
    *,
    share: float = 0.2,
    resamples: int = 2000,
) -> dict[str, Any]:
    """The highest recall of a group less the lowest, 95 % interval, by students resampled."""
    found = recall_by_group(score, positive, group, share=share)
    most, least = (pick(found, key=lambda name: found[name]["recall"]) for pick in (max, min))
    flagged, rng = _flagged(score, share), np.random.default_rng(0)
    high, low = (flagged[(group == name) & positive] for name in (most, least))
    drawn = [rng.binomial(len(of), of.mean(), resamples) / len(of) for of in (high, low)]
    ends = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
    return {
        "most": most,
        "least": least,
        "difference": round(float(high.mean() - low.mean()), 4),
        "low": round(float(ends[0]), 4),
        "high": round(float(ends[1]), 4),
    }


def _flagged(score: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Who is in the share of all with the highest scores."""
    found: NDArray[np.bool_] = score >= np.quantile(score, 1.0 - share)
    return found
