"""Whether attributions, deletion and attention agree about one student's score.

A model without attention has two checks instead of three.

Attributions and deletion are compared on the three strongest groups of features. Both are compared
with attention on the weeks. Attention comes after a bidirectional GRU, so each week it looks at has
already read all the others: it says which weeks were looked at, but never which features.
"""

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.risk.factors import FAINT
from edupulse_core.families.risk.learned import Mask

STABLE, PARTLY, NONE = "stable", "partly", "no stable reason"
TOP = 3
WEEKS = 0.28  # mean rank correlation; the lower quartile of the validation district
SAME = 0.6  # share of the strongest groups; two of three, or one of one

_SENTENCES = {
    STABLE: "{checks} checks agree on these reasons.",
    PARTLY: "The checks agree on most of these reasons, not all. Look at the records behind them.",
    NONE: "The checks do not agree on the reasons. Treat them as hints, and rely on the records.",
}


@dataclass(frozen=True)
class Agreement:
    """The badge of one student's reasons."""

    verdict: str  # stable, partly or no stable reason
    reasons: float  # share of the strongest groups that deletion puts on top, same direction
    weeks: float  # mean rank correlation of all the ways over the observed weeks, -1..1
    sentence: str
    checks: int = 3  # how many there were; 2 without attention

    def as_json(self) -> dict[str, Any]:
        """What the command line prints."""
        return asdict(self)


def agreement(
    groups: tuple[NDArray[np.float64], NDArray[np.float64]],
    weeks: tuple[NDArray[np.float64], NDArray[np.float64]],
    looked: NDArray[np.float64] | None,
    observed: Mask,
) -> list[Agreement]:
    """The badge of N students.

    groups: attributions and what deletion loses, (N, G) each.  weeks: the same, (N, T) each.
    looked: (N, T), attention of the scored week; None for a model without.  observed: (N, T).
    """
    made = []
    for i, seen in enumerate(observed):
        reasons = _shared(groups[0][i], groups[1][i])
        ways = [np.abs(weeks[0][i, seen]), np.abs(weeks[1][i, seen])]
        ways += [] if looked is None else [looked[i, seen]]
        alike = float(np.mean([rank_correlation(a, b) for a, b in combinations(ways, 2)]))
        verdict = NONE
        if reasons >= SAME:
            verdict = STABLE if reasons == 1 and alike >= WEEKS else PARTLY
        made.append(badge(verdict, reasons, alike, len(ways)))
    return made


def badge(verdict: str, reasons: float, weeks: float, checks: int = 3) -> Agreement:
    """A badge with its sentence."""
    sentence = _SENTENCES[verdict].format(checks={2: "Two", 3: "Three"}[checks])
    return Agreement(verdict, reasons, weeks, sentence, checks)


def rollout(attention: NDArray[np.float32]) -> NDArray[np.float64]:
    """Attention rollout of the scored week, (N, T): half its attention, half the week itself.

    attention: (N, heads, T) of the scored week. There is one layer, so nothing is multiplied.
    """
    looked: NDArray[np.float64] = attention.mean(axis=1, dtype=np.float64) / 2
    looked[:, -1] += 0.5
    return looked


def _shared(given: NDArray[np.float64], lost: NDArray[np.float64]) -> float:
    """Share of the strongest groups that are also the other's strongest, in the same direction."""
    top, other = (np.argsort(-np.abs(each), kind="stable")[:TOP] for each in (given, lost))
    counted = top[np.abs(given[top]) >= FAINT]
    if not len(counted):
        return 0.0
    return float(np.mean([g in other and given[g] * lost[g] > 0 for g in counted]))


def rank_correlation(a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]) -> float:
    """Spearman's rank correlation of two rows of numbers; 0 where one of them is constant."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(a: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Ranks; equal values share their mean rank."""
    _, at, counts = np.unique(a, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[at]
    return ranks
