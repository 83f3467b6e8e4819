"""Evaluates a risk version: against simpler methods and, in a home, by every measure we have."""

import csv
from dataclasses import replace

from edupulse_core.config import Rules
from edupulse_core.errors import RefusedError
from edupulse_core.families.family import Occasion, Report, Split, step
from edupulse_core.families.risk import assessment, importance, serve
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk import report as risk_report
from edupulse_core.families.risk.assessment import Assessment
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples, Oracle
from edupulse_core.families.risk.results import Ceiling

RESAMPLES = 1000


def compared(
    model: RiskModel, split: Split[Examples], rules: Rules, ceiling: Oracle | None = None
) -> Report:
    """The version compared with simpler methods, which learn from split.train."""
    found = risk_report.report(
        model, split.test, split.train, rules.attendance, ceiling=ceiling, resamples=RESAMPLES
    )
    return Report(headline=risk_report.headline(found), test=found)


def evaluated(
    model: RiskModel, split: Split[Examples], rules: Rules, occasion: Occasion[Examples]
) -> Report:
    """As `compared`, with calibration, bands, fairness, levels, curves and importance.

    With a fictional district's truth, also the best result that any model could reach. Raises
    RefusedError if the truth belongs to another district.
    """
    ceiling = None
    if occasion.truth is not None:
        _check_truth(occasion)
        test, ceiling = risk_examples.with_truth(split.test, occasion.truth)
        split = replace(split, test=test)
    with step(occasion.progress, "baselines"):
        report = compared(model, split, rules, ceiling)
    with step(occasion.progress, "groups"):
        assessed, best = _assessed(model, occasion)
    with step(occasion.progress, "importance"):
        served = serve.load(occasion.folder)
        rows = importance.read(
            occasion.con,
            min_history=rules.outcomes.min_history_weeks,
            features=served.trained.features,
            among=occasion.held_out.ends,
        )
        weighed = importance.importance(served, rows)
    return Report.model_validate(
        {**dict(report), **vars(assessed), "importance": weighed, "ceiling": best}
    )


def _assessed(model: RiskModel, occasion: Occasion[Examples]) -> tuple[Assessment, Ceiling | None]:
    """Everything that needs no simpler method; with the truth, the gaps that no model avoids."""
    held_out = occasion.held_out
    groups = assessment.read_groups(occasion.con, held_out)
    found = assessment.assess(model, held_out, groups, resamples=RESAMPLES)
    if occasion.truth is None:
        return found, None
    rows, oracle = risk_examples.with_truth(held_out, occasion.truth)
    groups = assessment.read_groups(occasion.con, rows)
    return found, assessment.beside_the_ceiling(model, rows, oracle, groups, resamples=RESAMPLES)


def _check_truth(occasion: Occasion[Examples]) -> None:
    """Raise RefusedError if the bundle next to a truth has other people than this home.

    All fictional districts number their people the same way, so a truth could be mistaken for
    another district's. A truth without its bundle cannot be checked.
    """
    assert occasion.truth is not None
    users = occasion.truth.resolve().parent / "users.csv"
    if not users.is_file():
        return
    with users.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        names = {
            row.get("sourcedId"): (row.get("givenName"), row.get("familyName"))
            for row in csv.DictReader(lines)
        }
    found = occasion.con.execute("select user_id, given_name, family_name from users")
    people = found.fetchall()
    same = [names[user] == (given, family) for user, given, family in people if user in names]
    if 2 * sum(same) <= len(same):
        raise RefusedError(
            f"--truth {occasion.truth} belongs to another district: its bundle names only "
            f"{sum(same):,} of the {len(people):,} people in this home"
        )
