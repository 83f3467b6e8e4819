"""Data are checked before a training: each fault is found, and good data pass in silence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from edupulse_core.cli import app
from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.families import shelf
from edupulse_core.lifecycle import quality, retraining
from edupulse_core.lifecycle.findings import issues, recommendations, refusal, sentence
from edupulse_core.lifecycle.quality import Finding, Quality
from tests.families.toy.family import INPUTS, TOY, ToyExamples, ToyFamily
from tests.lifecycle import toys

TODAY = date(2026, 11, 15)
ROWS = 4000
SOME = {  # an input of each family
    "risk": "att_is_chronic",
    "tracing": "days_since_skill",
    "path": "days_idle",
    "recommend": "mean_minutes",
    "study_time": "focus_ratio",
    "difficulty": "rare_words",
    "admission": "gpa_minus_minimum",
}


def good(seed: int = 0) -> ToyExamples:
    """Cases of 200 students, 20 weeks each, whose inputs say something about the outcome."""
    drawn = np.random.default_rng(seed)
    x = np.column_stack(
        [drawn.beta(2, 5, ROWS), drawn.poisson(1.0, ROWS), drawn.normal(2, 1, ROWS)]
    ).astype(float)
    y = (x[:, 0] + drawn.normal(0, 0.3, ROWS) > 0.5).astype(float)
    weeks = np.datetime64("2026-06-01") + 7 * np.arange(20)
    who = np.array([f"s{at:03}" for at in np.repeat(np.arange(200), 20)])
    return ToyExamples(who, np.tile(weeks, 200), x, y)


def looked(examples: ToyExamples, **more: Any) -> Quality:
    given = {"district": "d", "until": TODAY, "today": TODAY, **more}
    return quality.look(TOY, examples, **given)


def with_input(examples: ToyExamples, at: int, values: np.ndarray) -> ToyExamples:
    x = examples.x.copy()
    x[:, at] = values
    return replace(examples, x=x)


def half_unknown(examples: ToyExamples) -> ToyExamples:
    unknown = np.where(np.arange(ROWS) % 5 < 3, np.nan, examples.x[:, 2])
    return with_input(examples, 2, unknown)


def far_away(examples: ToyExamples) -> ToyExamples:
    far = np.where(np.arange(ROWS) % 8 == 0, 1000.0, examples.x[:, 2])
    return with_input(examples, 2, far)


FAULTS: list[tuple[str, str, Callable[[ToyExamples], ToyExamples]]] = [
    ("rows", "error", lambda e: e.of(np.arange(0, ROWS, 80))),
    ("rows", "warning", lambda e: e.of(np.arange(0, ROWS, 8))),
    ("students", "error", lambda e: e.of(np.arange(400))),
    ("missing", "warning", half_unknown),
    ("range", "error", lambda e: with_input(e, 0, np.where(e.x[:, 0] > 0.7, 1.4, e.x[:, 0]))),
    ("range", "error", lambda e: with_input(e, 1, np.where(e.x[:, 1] > 3, np.inf, e.x[:, 1]))),
    ("duplicates", "error", lambda e: e.of(np.append(np.arange(ROWS), [7, 8]))),
    ("outliers", "warning", far_away),
    ("balance", "error", lambda e: replace(e, y=np.zeros(ROWS))),
    ("balance", "warning", lambda e: replace(e, y=(np.arange(ROWS) % 500 == 0).astype(float))),
    ("age", "warning", lambda e: replace(e, day=e.day - 300)),
    ("age", "error", lambda e: replace(e, day=e.day - 1000)),
    ("leak", "error", lambda e: with_input(e, 1, e.y + np.arange(ROWS) % 2 * 0.1)),
]


def test_good_data_pass_in_silence() -> None:
    for seed in range(5):
        assert looked(good(seed)).findings == []


def test_few_cases_are_told_with_what_they_mean_for_the_figures() -> None:
    (said,) = issues(looked(good().of(np.arange(0, ROWS, 8))), TOY)

    assert said.endswith("with a known outcome. Figures from fewer than 1,000 are unsure.")


@pytest.mark.parametrize(("check", "severity", "spoil"), FAULTS)
def test_each_planted_fault_is_found_and_told(
    check: str, severity: str, spoil: Callable[[ToyExamples], ToyExamples]
) -> None:
    found = looked(spoil(good()))

    assert (check, severity) in {(each.check, each.severity) for each in found.findings}
    assert len(issues(found, TOY)) == len(found.findings)
    assert all(recommendations(found, TOY))


@pytest.mark.parametrize("name", list(shelf.SHELF))
def test_every_input_of_a_family_has_a_name_in_words(name: str) -> None:
    family = shelf.family_named(name)
    finding = Finding(check="missing", severity="warning", column=SOME[name], value=0.6)

    said = sentence(finding, family)

    assert said.startswith(family.labels[SOME[name]]) and "_" not in said


def test_a_refusal_says_how_much_there_is_and_how_much_is_needed() -> None:
    said = refusal(looked(good().of(np.arange(40))), TOY)

    assert said.startswith("The Toy model is not trained on these data. There are 40 cases")
    assert "100 are needed" in said and "come from 2 students; 30 are needed" in said


def test_each_input_stands_beside_the_training_data_and_one_that_moved_is_named() -> None:
    before = looked(good())
    learned = {each.name: each for each in [*before.columns, before.target]}
    moved = with_input(good(1), 2, good(1).x[:, 2] + 1.5)

    same = looked(good(1), compared_with="v1", learned=learned)
    found = looked(moved, compared_with="v1", learned=learned)

    assert same.findings == [] and same.compared_with == "v1"
    assert [(each.check, each.column) for each in found.findings] == [("drift", INPUTS[2])]
    assert found.learned[INPUTS[2]].mean == pytest.approx(2, abs=0.1)


def test_a_column_is_told_by_its_share_known_mean_quartiles_and_histogram() -> None:
    found = looked(half_unknown(good())).columns[2]

    assert found.known == pytest.approx(0.4)
    assert found.quartiles is not None and found.mean is not None
    assert found.quartiles[1] == pytest.approx(found.mean, abs=0.2)
    assert sum(found.counts) == round(found.known * ROWS)
    assert len(found.edges) == len(found.counts) + 1


def test_a_version_keeps_what_it_learned_from_and_bad_data_are_not_trained_on(
    demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = toys.copied(demo_home, tmp_path / "home")
    with toys.on_the_shelf():
        folder = Path(retraining.train(home, "toy")["folder"])
        found = quality.kept(folder)
        assert found is not None and [each.name for each in found.columns] == list(INPUTS)
        assert retraining.checked(home, "toy").compared_with == folder.name

        spoiled = {INPUTS[0]: (0.9, 1.0)}
        monkeypatch.setattr(ToyFamily, "ranges", spoiled)
        with pytest.raises(
            RefusedError, match=f"{INPUTS[0]} has a value that cannot be.*edupulse check toy"
        ):
            retraining.train(home, "toy")
        monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
        with pytest.raises(RefusedError, match="cannot be"):
            app(["check", "toy"], standalone_mode=False)


def test_words_are_counted_and_have_no_mean() -> None:
    class Worded(ToyExamples):
        def inputs(self) -> pa.Table:
            words = pa.array(["home", "library", None, "school"] * (len(self) // 4), pa.string())
            return super().inputs().append_column("environment", words)

    cases = good()
    found = looked(Worded(cases.who, cases.day, cases.x, cases.y))

    (column,) = [each for each in found.columns if each.name == "environment"]
    assert (column.known, column.mean, column.quartiles) == (0.75, None, None)
    assert sum(column.shares) == ROWS
    assert not found.findings
