"""What a risk level has meant so far, where its version was tested on the district."""

from dataclasses import dataclass
from datetime import date, timedelta

from edupulse_core.errors import ModelError
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.tiers import TIERS
from edupulse_core.lifecycle import evaluations
from edupulse_core.queries.district import District


@dataclass(frozen=True)
class Precedent:
    """Out of 100 weeks at a risk level, how many were followed by two or more flags."""

    n_of_100: int
    first: date  # Mondays of the weeks looked back at, which the version had not learned from
    last: date


def precedent(
    district: District, tier: str | None, version: str | None, as_of: date
) -> Precedent | None:
    """What followed for students whom this version put at this risk level.

    None if there is no score, or no readable evaluation on this district's own weeks. Also None if
    the evaluation has too few weeks, could identify a few students, used other rules than today's,
    or knew outcomes from after `as_of`.
    """
    if tier is None or version is None:
        return None
    try:
        report = evaluations.kept(district.settings, "risk", version, RiskEvaluation)
    except ModelError:  # damaged, or of an earlier EduPulse
        return None
    if report is None or report.evaluated_on.district != district.name:
        return None
    if report.rules != district.settings.all_rules:
        return None
    found = _found(report, TIERS.index(tier))
    horizon = timedelta(weeks=district.settings.outcomes.horizon_weeks + 1)  # or more: holidays
    if found is None or as_of < found.last + horizon - timedelta(days=1):
        return None
    return found


def _found(report: RiskEvaluation, tier: int) -> Precedent | None:
    """What an evaluation says about a risk level."""
    n = report.tiers.shown.grave_of_100[tier]
    first, last = map(date.fromisoformat, report.weeks)
    return None if n is None else Precedent(n, first, last)
