"""An evaluation of a family without a report of its own: every figure is there, as tables."""

from datetime import UTC, datetime
from typing import Any

import pytest

from edupulse_core.families.evaluation import EvaluatedOn, Evaluation
from edupulse_core.families.family import Metric
from edupulse_core.reports import evaluation as reports
from edupulse_core.reports import family, training
from edupulse_core.reports.blocks import Section, Table


def evaluation(**more: Any) -> Evaluation:
    return Evaluation(
        version="v1",
        evaluated_on=EvaluatedOn(district="Alder Valley", is_demo=True),
        evaluated_at=datetime(2026, 11, 2, tzinfo=UTC),
        rows=1200,
        students=40,
        weeks=("2026-09-07", "2026-11-02"),
        **more,
    )


def tables(found: list[Section]) -> dict[str, Table]:
    blocks = [block for section in found for block in section.blocks]
    return {block.title: block for block in blocks if isinstance(block, Table)}


def test_the_figures_stand_under_their_labels() -> None:
    found = family.sections(evaluation(mae=0.98765, rows_read=12345), {"mae": Metric("Mean error")})

    shown = tables(found)["On cases that it has not seen"]
    assert shown.rows == [["Mean error", "0.988"], ["Rows read", "12,345"]]


def test_a_figure_for_each_method_or_part_is_a_row_of_a_table() -> None:
    methods = {"ours": {"auc": 0.8, "ece": None}, "popular": {"auc": 0.7}}
    folds = [{"fold": 1, "auc": 0.79}, {"fold": 2, "auc": 0.81}]

    shown = tables(family.sections(evaluation(methods=methods, folds=folds), {}))

    assert shown["Methods"].head == ("", "AUC", "Calibration error (ECE)")
    assert shown["Methods"].rows == [["Ours", "0.800", "–"], ["Popular", "0.700", "–"]]
    assert shown["Folds"].rows == [["1", "0.790"], ["2", "0.810"]]


def test_what_lies_deeper_keeps_its_place_in_its_title() -> None:
    deep = {"by_level": {"warm": {"hr": {"value": 0.5, "low": 0.4, "high": 0.6}}}, "n": 3}

    shown = tables(family.sections(evaluation(cold=deep), {}))

    assert shown["Cold"].rows == [["N", "3"]]
    assert "Cold: By level: Warm" in shown or "Cold: By level" in shown


def test_whose_cases_were_tested_is_said() -> None:
    said = family.facts(evaluation(), "students")

    assert said["District"] == "Alder Valley (fictional)"
    assert said["Cases"].startswith("1,200 of 40 students")


def test_simpler_methods_stand_below_the_model_on_the_same_cases() -> None:
    own = {"way": "model", "auc": 0.8}
    listed = {"rows": 9, "beside": [own, {"way": "random", "auc": 0.5}], "covered": 0.9}
    named = {"students": 4, "beside": {"commonest_level": {"auc": 0.5}}}

    for test, name in ((listed, "Random"), (named, "Commonest level")):
        shown = tables(family.sections(evaluation(auc=0.8, test=test), {}))
        assert shown["On the same cases"].rows == [["This model", "0.800"], [name, "0.500"]]
        assert all(
            "9" not in row and "4" not in row for each in shown.values() for row in each.rows
        )


@pytest.mark.parametrize(
    "name", ["confusion_matrix", "roc_curve", "feature_importance", "calibration"]
)
def test_each_of_the_four_plots_is_a_picture_where_nothing_was_measured_too(name: str) -> None:
    bare, counted = evaluation(), evaluation(test={"confusion": [[3, 1], [0, 4]]})

    pictures = [reports.plot(each, name) for each in (bare, counted)]

    assert all(each is not None and each.startswith(b"\x89PNG") for each in pictures)
    assert (pictures[0] != pictures[1]) == (name == "confusion_matrix")
    assert reports.plot(bare, "another") is None


def test_names_of_figures_and_settings_are_told_in_words() -> None:
    assert family.words("bleu_recorded", {}) == "BLEU against recorded paths"
    assert training.said("loop.learning_rate") == "Loop: learning rate"
