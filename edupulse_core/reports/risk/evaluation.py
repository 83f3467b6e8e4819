"""An evaluation of the risk model as sections: the Evidence page and the HTML file draw them."""

from collections.abc import Mapping, Sequence
from typing import Any

from edupulse_core.config import SMALLEST
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.results import Comparison
from edupulse_core.reports import benchmarks, figures
from edupulse_core.reports.blocks import Block, Check, Folded, Section, Table, Text
from edupulse_core.reports.risk.groups import for_whom, how_far_apart
from edupulse_core.reports.risk.importance import importance
from edupulse_core.reports.risk.score import (
    areas,
    calibration,
    curves,
    level_rates,
    levels,
)
from edupulse_core.training.evaluation import SHARES

PREDICTORS = {
    "gru": "This model",
    "abc_rule": "Flags alone (ABC rule)",
    "logistic": "Logistic regression",
    "boosting": "Gradient boosting",
    "ceiling": "Best possible in the fictional district",
}
MEASURES = {
    "score_auc_any": "AUC, any flag",
    "score_auc_high": "AUC, High or Critical",
    "caseload_precision": "Correct at the top of the list, any flag",
    "caseload_recall": "Found at the top of the list, any flag",
    "ece": "Calibration error",
}
MORE_MEASURES = {
    "auc_any": "AUC of the second output, any flag",
    "auc_high": "AUC of the second output, High or Critical",
    "caseload_precision_high": "Correct at the top of the list, High or Critical",
    "caseload_recall_high": "Found at the top of the list, High or Critical",
    "accuracy": "Weeks whose likeliest level followed",
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "R²",
}
FEW_TESTED = f"Shares of weeks are hidden for privacy (under {SMALLEST})."


def sections(found: RiskEvaluation, measured: Sequence[Mapping[str, Any]] = ()) -> list[Section]:
    """Every part of an evaluation. measured: as `lifecycle.benchmarks.kept` finds it."""
    has_seeds = any(each["name"] == "explanations" for each in measured)
    return [
        goals(found),
        comparison(found.test, found.evaluated_on.is_demo),
        calibration(found.calibration, found.bands),
        levels(found.tiers),
        curves(found.curves),
        for_whom(found),
        how_far_apart(found.fairness, found.ceiling),
        *([importance(found.importance, has_seeds)] if found.importance else []),
        *benchmarks.sections(measured),
    ]


def tables(found: RiskEvaluation) -> list[Table]:
    """What a terminal shows beside the goals."""
    return [
        *level_rates("the level that was shown", found.tiers.shown),
        *([areas(found.curves)] if found.curves else []),
    ]


def facts(found: RiskEvaluation) -> dict[str, str]:
    """What was evaluated, on what, and when."""
    known = found.evaluated_on
    return {
        "Version": found.version,
        "District": known.district + (" (fictional)" if known.is_demo else ""),
        "Weeks": figures.weeks(found.weeks),
        "Measured on": figures.size(found.rows, found.students),
        "Evaluated": figures.day(found.evaluated_at),
    }


def goals(found: RiskEvaluation) -> Section:
    """What was aimed at, and what was reached."""
    checks = [Check(each.met, each.goal, figures.sentence(each.found)) for each in found.goals]
    return Section("goals", "Goals", checks)


def comparison(test: Comparison, made_up: bool) -> Section:
    """The model beside what a district could use instead."""
    kind = "fictional students" if made_up else "students"
    rates = test.base_rates
    came = (
        FEW_TESTED
        if test.few
        else f"Any flag followed {rates.any_flag:.1%} of these weeks; High or Critical followed "
        f"{rates.high:.1%}."
    )
    against = [
        (MEASURES.get(name) or MORE_MEASURES[name], PREDICTORS[each.baseline], each.in_words(3))
        for name, each in test.against_best_baseline.items()
    ]
    blocks: list[Block] = [
        Text(
            f"Tested on {test.rows:,} weeks of {test.students:,} {kind} that none of these methods "
            f"had learned from, {figures.weeks(test.weeks)}. {came}"
        ),
        Text(
            "AUC: how often a student with the outcome ranks above one without it; 0.5 is a coin "
            "toss. The top of the list is the 25 of every 300 students with the highest "
            "scores: as many as a counselor can support. Regression and boosting learn "
            "only from the weeks that they are given: from few students they look worse than they "
            "can be."
        ),
        _table("The model compared with simpler methods", test, MEASURES),
    ]
    if against:
        title = "This model less the best simpler method, with 95% intervals over students"
        blocks.append(Table(title, ("Measure", "Best simpler method", "Difference"), against))
    more = _table("The model compared with simpler methods, further figures", test, MORE_MEASURES)
    blocks.append(Folded("Further figures", [more]))
    return Section("baselines", "Compared with simpler methods", blocks)


def _table(title: str, test: Comparison, measures: Mapping[str, str]) -> Table:
    names = [name for name in PREDICTORS if name in test.table]
    rows = [
        (
            words,
            *(
                figures.HIDDEN
                if test.few and measure in SHARES
                else f"{getattr(test.table[name], measure):.3f}"
                for name in names
            ),
        )
        for measure, words in measures.items()
    ]
    return Table(title, ("Measure", *(PREDICTORS[name] for name in names)), rows)
