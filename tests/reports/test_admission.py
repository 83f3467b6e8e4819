"""The page of an admission evaluation."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from edupulse_core.config import Rules
from edupulse_core.families.admission import report
from edupulse_core.families.admission.family import ADMISSION
from edupulse_core.families.admission.measured import AdmissionEvaluation
from edupulse_core.families.family import Run
from edupulse_core.families.usual import groups_of
from edupulse_core.reports import evaluation
from tests.families.admission.applicants import split_of, warehouse

SECTIONS = ["baselines", "calibration", "levels", "importance", "groups"]


@pytest.fixture(scope="module")
def found() -> Iterator[AdmissionEvaluation]:
    with warehouse(700) as con:
        split = split_of(con)
        how = ADMISSION.algorithms["logistic_regression"]
        model = how.fit(split, how.plan(), Run())
        told = ADMISSION.report(model, split, Rules()).model_dump()
        groups = {name: groups_of(con, split.test.who)[name] for name in report.AUDITED}
        chance = model.chances(split.test.x)
        audited = report.audit(chance, split.test, groups)
        yield AdmissionEvaluation.model_validate(
            {
                "version": "v1",
                "evaluated_on": {"district": "Two Schools"},
                "evaluated_at": datetime(2026, 11, 30, tzinfo=UTC),
                "rows": len(split.test),
                "students": 60,
                "weeks": ("2025-10-01", "2026-01-28"),
                "importance": report.importance(model, split.test),
                **told.pop("headline"),
                **told,
                **audited,
            }
        )


def test_the_page_has_every_part_and_says_what_odds_are_not(found: AdmissionEvaluation) -> None:
    page = evaluation.page("admission", found)

    assert [each.key for each in evaluation.sections("admission", found)][:5] == SECTIONS
    for words in ("Never use them", "By tier of the program", "In the same programs", "ROC curve"):
        assert words in page


def test_a_terminal_shows_the_figures_by_tier_and_by_group(found: AdmissionEvaluation) -> None:
    titles = [each.title for each in evaluation.summary("admission", found)]

    (tiers,) = (title for title in titles if title.startswith("By tier of the program"))
    assert "Hidden where a count of fewer than 10 students could be worked out" in tiers
    assert "Gaps by sex, in percentage points" in titles


def test_hidden_counts_are_not_shown(found: AdmissionEvaluation) -> None:
    few = found.model_copy(update={"confusion": None, "curve": None})

    assert "Hidden for privacy" in evaluation.page("admission", few)
    assert few.classes is None and found.classes is not None
    assert evaluation.plot(few, "roc_curve") and evaluation.plot(few, "nothing") is None
