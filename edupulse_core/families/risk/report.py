"""How a risk model did on held-out student-weeks, compared with simpler methods."""

import numpy as np

from edupulse_core.config import AttendanceRules
from edupulse_core.families.risk import baselines
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples, Oracle
from edupulse_core.families.risk.results import PREDICTORS, Against, BaseRates, Comparison
from edupulse_core.features.catalogue import NAMES
from edupulse_core.training import evaluation, hiding
from edupulse_core.training.evaluation import Actual, Metrics, Predicted

BASELINES = ("abc_rule", "logistic", "boosting")

SHOWN = {
    "auc_any": "AUC, any flag",
    "auc_high": "AUC, High or Critical",
    "score_auc_any": "AUC of the score, any flag",
    "score_auc_high": "AUC of the score, High or Critical",
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "R²",
    "accuracy": "Likeliest level came true",
    "caseload_precision": "Correct at the top of the list, any flag",
    "caseload_recall": "Found at the top of the list, any flag",
    "caseload_precision_high": "Correct at the top of the list, High or Critical",
    "caseload_recall_high": "Found at the top of the list, High or Critical",
    "ece": "Calibration error",
}

AREAS = ("auc_any", "auc_high", "score_auc_any", "score_auc_high")
HEADLINE = (*AREAS, "mae", "ece", "accuracy")  # the few numbers that versions are compared by


def report(
    model: RiskModel,
    test: Examples,
    learned: Examples | None,
    attendance: AttendanceRules,
    *,
    ceiling: Oracle | None = None,
    resamples: int = 1000,
) -> Comparison:
    """The whole table for one set of test rows, with each predictor scored once.

    learned: what the simpler methods learn from; without it, only flags A, B and C are compared.
    attendance: the district's own rules for flag A.
    """
    actual = test.actual
    predicted = {"gru": risk_fit.predict(model, test), **others(test, learned, attendance)}
    if ceiling is not None:
        predicted["ceiling"] = ceiling.predicted
    table = {name: evaluation.metrics(each, actual) for name, each in predicted.items()}
    return Comparison(
        rows=len(test),
        students=table["gru"].students,
        weeks=test.data_range,
        base_rates=_base_rates(actual),
        few=any(_tell_of_few(predicted[name], actual) for name in predicted if name != "ceiling"),
        table=table,
        against_best_baseline=_differences(predicted, table, actual, resamples),
        share_of_way_from_abc_to_ceiling=_shares(table) if ceiling is not None else None,
    )


def headline(found: Comparison) -> dict[str, float]:
    """The few numbers by which versions are compared."""
    return {name: getattr(found.table["gru"], name) for name in HEADLINE}


def others(
    test: Examples, learned: Examples | None, attendance: AttendanceRules
) -> dict[str, Predicted]:
    """The baselines' predictions for the test rows."""
    plain = test.reading(NAMES)  # the rule knows the catalogue's places
    found = {"abc_rule": baselines.abc_rule(plain.values, attendance, test.rules)}
    if learned is not None:
        severity, tiers = learned.targets()
        lessons = baselines.Lessons(
            learned.values,
            learned.observed,
            severity.double().numpy(),
            tiers.double().numpy(),
            learned.rules,
        )
        found["logistic"] = baselines.logistic(lessons, test.values, test.observed)
        found["boosting"] = baselines.boosting(lessons, test.values, test.observed)
    return found


def _tell_of_few(predicted: Predicted, actual: Actual) -> bool:
    """Whether the shares of weeks in the table could identify a few students."""
    top = evaluation.top_of_each_week(predicted.score, actual.week, evaluation.CASELOAD)
    cells = [np.eye(4)[2 * top + came] for came in (actual.any_flag, actual.high)]
    agree = np.eye(2)[(predicted.tier == actual.tier).astype(int)]
    return hiding.tells_of_few(actual.student, *cells) or hiding.few_stand_in(agree, actual.student)


def _base_rates(actual: Actual) -> BaseRates:
    return BaseRates(
        severity=round(float(actual.severity.mean()), 6),
        any_flag=round(float(actual.any_flag.mean()), 6),
        high=round(float(actual.high.mean()), 6),
    )


def _differences(
    predicted: dict[str, Predicted], table: dict[str, Metrics], actual: Actual, resamples: int
) -> dict[str, Against]:
    """For each AUC: the best simpler method, and how far the network is from it."""
    asked = {
        "auc_any": ("any_flag", actual.any_flag),
        "auc_high": ("high", actual.high),
        "score_auc_any": ("score", actual.any_flag),
        "score_auc_high": ("score", actual.high),
    }
    found = {}
    for name, (output, positive) in asked.items():
        best = max(
            (b for b in BASELINES if b in table), key=lambda b: float(getattr(table[b], name))
        )
        difference = evaluation.paired_difference(
            getattr(predicted["gru"], output),
            getattr(predicted[best], output),
            positive,
            actual.student,
            resamples=resamples,
        )
        found[name] = Against(baseline=best, **difference.model_dump())
    return found


def _shares(table: dict[str, Metrics]) -> dict[str, dict[str, float]]:
    """How far each predictor gets from the flags alone (0) to the best possible (1)."""
    floor, top = table["abc_rule"], table["ceiling"]
    return {
        name: {
            metric: round(
                evaluation.share_of_way(*(getattr(each, metric) for each in (row, floor, top))),
                4,
            )
            for metric in AREAS
        }
        for name, row in table.items()
        if name not in ("abc_rule", "ceiling")
    }


def markdown_table(found: Comparison) -> str:
    """The report's table in Markdown, one column a predictor; shares may be hidden for privacy."""
    hidden = evaluation.SHARES if found.few else ()
    names = " | ".join(PREDICTORS[name] for name in found.table)
    lines = [f"| Measure | {names} |", f"|---|{'---|' * len(found.table)}"]
    for metric, words in SHOWN.items():
        cells = [
            "hidden" if metric in hidden else f"{getattr(row, metric):.3f}"
            for row in found.table.values()
        ]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def differences_in_words(found: Comparison) -> str:
    """One line for each AUC: network minus the best simpler method, with its interval."""
    return "\n".join(
        f"* {SHOWN[metric]}, minus {PREDICTORS[value.baseline].lower()}: {value.in_words()}"
        for metric, value in found.against_best_baseline.items()
    )
