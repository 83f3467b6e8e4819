"""A study time evaluation as sections and pictures."""

from datetime import UTC, datetime

import pytest

from edupulse_core.config import Rules
from edupulse_core.families.family import Run
from edupulse_core.families.study_time import importance, report
from edupulse_core.families.study_time.algorithms import ALGORITHMS
from edupulse_core.families.study_time.family import STUDY_TIME
from edupulse_core.families.study_time.linear import RidgePlan
from edupulse_core.families.study_time.measured import StudyEvaluation
from edupulse_core.reports import evaluation
from edupulse_core.reports.blocks import Bars
from edupulse_core.reports.study_time.plots import PLOTS
from tests.families.study_time.simulated import simulated


@pytest.fixture(scope="module")
def found() -> StudyEvaluation:
    made = simulated(60, 8)
    split = STUDY_TIME.splits(made.examples)[0]
    model = ALGORITHMS["ridge"].fit(split, RidgePlan(), Run())
    told = report.report(model, split, None).model_dump()
    weights = importance.permutation(model, split.test, repeats=2)
    return StudyEvaluation.model_validate(
        {
            "version": "v1",
            "evaluated_on": {"district": "North"},
            "evaluated_at": datetime(2026, 11, 1, tzinfo=UTC),
            "rows": len(split.test),
            "students": 10,
            "weeks": ("2026-01-05", "2026-05-04"),
            "rules": Rules(),
            **told.pop("headline"),
            **told,
            "importance": {"permutation": [each.model_dump() for each in weights], "repeats": 2},
            "crossed": report.crossed(model, made.examples).model_dump(),
        }
    )


def test_the_page_shows_goals_errors_folds_and_what_moves_the_predictions(
    found: StudyEvaluation,
) -> None:
    sections = {each.key for each in evaluation.sections("study_time", found)}

    assert {"goals", "baselines", "predicted", "residuals", "crossed", "importance"} <= sections
    assert "<html" in evaluation.page("study_time", found)


def test_a_hidden_count_has_no_bar(found: StudyEvaluation) -> None:
    counts = [None, 12, *found.residuals.counts[2:]]
    some = found.model_copy(
        update={"residuals": found.residuals.model_copy(update={"counts": counts})}
    )

    (errors,) = (
        each for each in evaluation.sections("study_time", some) if each.key == "residuals"
    )

    (bars,) = (each for each in errors.blocks if isinstance(each, Bars))
    assert len(bars.bars) == len([each for each in counts if each is not None])


@pytest.mark.parametrize("name", PLOTS)
def test_each_picture_is_a_png(found: StudyEvaluation, name: str) -> None:
    made = evaluation.plot(found, name)

    assert made is not None and made.startswith(b"\x89PNG")


def test_there_is_no_picture_of_another_name(found: StudyEvaluation) -> None:
    assert evaluation.plot(found, "nothing") is None
