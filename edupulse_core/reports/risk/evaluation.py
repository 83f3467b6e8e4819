"""An evaluation of the risk model as sections: the Evidence page and the HTML file draw them."""

from collections.abc import Mapping, Sequence
from typing import Any

from edupulse_core.config import SMALLEST
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.results import PREDICTORS, Comparison
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
from edupulse_core.training.evaluation import SHARES, figure

MEASURES = {
    "score_auc_any": "AUC, any flag",
    "score_auc_high": "AUC, High or Critical",
    "caseload_precision": "Correct at the top of the list, any flag",
    "caseload_recall": "Found at the top of the list, any flag",
    "ece": "Calibration error",
}
MORE_MEASURES = {
    "auc_any": "AUC of the level probabilities, any flag",
    "auc_high": "AUC of the level probabilities, High or Critical",
    "caseload_precision_high": "Correct at the top of the list, High or Critical",
    "caseload_recall_high": "Found at the top of the list, High or Critical",
    "accuracy": "Weeks in which the likeliest level followed",
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "R²",
}
FORMS = {"ece": "{:.3f}", **dict.fromkeys(SHARES, "{:.0%}")}  # others have two decimals
OWN_TEST = "Regression and boosting learned from the same weeks as the model."
TEST_HERE = (
    "Regression and boosting learn from this district alone, so with few students they look worse "
    "than they could be. They need weeks to learn from, so this section covers fewer weeks than "
    "those below, and the same figure may differ in its last digit."
)
OUTPUTS = (
    "The model has two outputs: the score, and a probability for each risk level. The likeliest "
    "level is the one with the highest probability; the level on the pages comes from the score."
)
FEW_TESTED = f"Shares of weeks are hidden for privacy (under {SMALLEST})."


def sections(found: RiskEvaluation, measured: Sequence[Mapping[str, Any]] = ()) -> list[Section]:
    """Every part of an evaluation.  measured: from `lifecycle.benchmarks.kept`."""
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
    """The tables for a terminal, besides the goals."""
    return [
        *level_rates("the level that was shown", found.tiers.shown),
        *([areas(found.curves)] if found.curves else []),
    ]


def facts(found: RiskEvaluation) -> dict[str, str]:
    """What was evaluated, on which weeks, and when."""
    known = found.evaluated_on
    return {
        "Version": found.version,
        "District": known.district + (" (fictional)" if known.is_demo else ""),
        "Weeks": figures.weeks(found.weeks),
        "Measured on": figures.size(found.rows, found.students),
        "Evaluated": figures.day(found.evaluated_at),
    }


def goals(found: RiskEvaluation) -> Section:
    """The goals, and whether each was reached."""
    checks = [Check(each.met, each.goal, figures.sentence(each.found)) for each in found.goals]
    return Section("goals", "Goals", checks)


def comparison(test: Comparison, fictional: bool, *, is_own: bool = False) -> Section:
    """The model compared with simpler methods.

    is_own: whether it is the test that the version was saved with, not one in this district.
    """
    kind = "fictional students" if fictional else "students"
    rates = test.base_rates
    came = (
        FEW_TESTED
        if test.few
        else f"Any flag followed {rates.any_flag:.1%} of these weeks; High or Critical followed "
        f"{rates.high:.1%}."
    )

    best = (
        " Best possible: the simulation's own answer, which knows each student's hidden state."
        if "ceiling" in test.table
        else ""
    )
    blocks: list[Block] = [
        Text(
            f"Tested on {test.rows:,} weeks of {test.students:,} {kind} that none of these methods "
            f"had learned from, {figures.weeks(test.weeks)}. {came}{best}"
        ),
        Text(
            "AUC: how often a student with the outcome ranks above one without it; 0.5 is a coin "
            "toss. The top of the list is the 25 of every 300 students with the highest "
            f"scores: as many as a counselor can support. {OWN_TEST if is_own else TEST_HERE}"
        ),
        _table("The model compared with simpler methods", test, MEASURES),
    ]
    title = "This model minus the best simpler method, with 95% intervals over students"
    blocks += _against(title, test, MEASURES)
    more = _table("The model compared with simpler methods, further figures", test, MORE_MEASURES)
    rest = _against(f"{title}, further figures", test, MORE_MEASURES)
    blocks.append(Folded("Further figures", [Text(OUTPUTS), more, *rest]))
    return Section("baselines", "Compared with simpler methods", blocks)


def _against(title: str, test: Comparison, measures: Mapping[str, str]) -> list[Table]:
    """How far the model is from the best simpler method; no table without such figures."""
    found = test.against_best_baseline
    rows = [
        (words, PREDICTORS[found[name].baseline], found[name].in_words(3))
        for name, words in measures.items()
        if name in found
    ]
    return [Table(title, ("Measure", "Best simpler method", "Difference"), rows)] if rows else []


def _table(title: str, test: Comparison, measures: Mapping[str, str]) -> Table:
    names = [name for name in PREDICTORS if name in test.table]
    rows = [
        (
            words,
            *(
                figures.HIDDEN
                if test.few and measure in SHARES
                else figure(getattr(test.table[name], measure), FORMS.get(measure, "{:.2f}"))
                for name in names
            ),
        )
        for measure, words in measures.items()
    ]
    return Table(title, ("Measure", *(PREDICTORS[name] for name in names)), rows)
