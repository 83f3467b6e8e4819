from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edupulse_core.errors import InputError, MissingError
from tests.benchmarks import bench_networks, bench_outcomes, networks
from tests.benchmarks.outcomes import models, protocol, report, variants
from tests.benchmarks.outcomes.models import Effort
from tests.benchmarks.outcomes.weekly import Case, Weekly

TINY = Effort(inner=2, seeds=1, epochs=2)
TRAIN, TEST = np.arange(80), np.arange(80, 120)


def fictional(n: int = 240, *, leak: bool = False) -> Case:
    """Students whose first input tells a part of the truth; with a leak, the second tells all."""
    rng = np.random.default_rng(0)
    at_risk = rng.random(n) < 0.4
    values = rng.normal(size=(n, 4, 5)).astype(np.float32)
    values[:, :, 0] += 1.5 * at_risk[:, None]
    values[:, :, 4] = np.nan
    if leak:
        values[:, :, 1] = at_risk[:, None]
    everyone = np.ones((n, 4), dtype=bool)
    weekly = Weekly(
        values,
        everyone,
        everyone,
        np.where(at_risk, 3, 1),
        np.repeat(np.arange(n // 2), 2),
        np.where(np.arange(n) < n // 2, "A-2013J", "A-2014J").astype(object),
        tuple("abcde"),
        (3, 2),
    )
    rule = (values[:, :, 0] > 1).astype(float)
    return Case("made up", weekly, {"2": 1, "4": 3}, everyone & (np.arange(4) > 0), rule)


def test_folds_keep_a_student_together_and_each_row_is_tested_once() -> None:
    case = fictional()

    splits = protocol.by_student(case, TINY, 4)

    for split in splits:
        students = case.weekly.student
        assert not set(students[split.train]) & set(students[split.test])
    assert sorted(np.concatenate([split.test for split in splits])) == list(range(240))


def test_a_later_presentation_is_tested_without_students_of_the_earlier_ones() -> None:
    case = fictional()
    student = case.weekly.student.copy()
    student[200] = student[0]

    split = protocol.later(
        replace(case, weekly=replace(case.weekly, student=student)), TINY, ["A-2013J"], ["A-2014J"]
    )

    assert split.test.tolist() == list(range(120, 240))
    assert split.train.tolist() == list(range(2, 120))  # the student's two rows are gone


def test_every_model_predicts_and_finds_what_there_is_to_find() -> None:
    case = fictional()
    split = protocol.by_student(case, TINY, 2)[0]

    found = models.predict_split(case, split.train, split.test, replace(TINY, epochs=15))

    rows = protocol.compare(
        replace(case, weekly=case.weekly.of(split.test)),
        found,
        case.counted[split.test],
        resamples=50,
    )
    of = rows["4"]["models"]
    assert set(of) == {
        "ABC-like rule", "logistic", "boosting", "GRU", "GRU ensemble", "GRU (designed)", "blend",
        "GRU (designed, full size)", "GRU (served)",
    }  # fmt: skip
    for name in ("logistic", "boosting", "GRU", "blend", "GRU (designed)"):
        assert of[name]["auc"] > 0.7, name
    assert of["blend"]["low"] <= of["blend"]["difference"] <= of["blend"]["high"]
    assert "difference" not in of["boosting"]


def test_more_data_alone_meets_no_goal() -> None:
    case = fictional()
    weak = case.weekly.values[:, [1, 3], 0].astype(float)
    strong = weak + 2.0 * case.weekly.at_risk[:, None]
    logits = {"boosting": weak, "blend": weak}
    logits |= {f"{model}, other courses": strong for model in logits}

    rows = protocol.compare(case, logits, case.counted, resamples=50)

    of = rows["4"]["models"]
    assert of["blend, other courses"]["auc"] > of["boosting"]["auc"] + 0.05
    assert of["blend, other courses"]["difference"] == 0
    assert "difference" not in of["boosting, other courses"]
    assert rows["4"]["gained"]["low"] > 0.05
    found = {"results": {"OULAD daily, by student, still registered": rows}, "drop_on_later": {}}
    judged = report.goals(found)
    assert [goal["by"] for goal in judged] == ["blend", "blend, other courses"]
    assert not any(goal["met"] for goal in judged)


@pytest.fixture(scope="module")
def predicted() -> dict[str, models.Array]:
    """A small split's predictions, made once for the tests that compare others with them."""
    return models.predict_split(fictional(120), TRAIN, TEST, TINY)


def test_the_same_split_gives_the_same_figures_again(predicted: dict[str, models.Array]) -> None:
    again = models.predict_split(fictional(120), TRAIN, TEST, TINY)

    for name in again:
        assert np.array_equal(predicted[name], again[name]), name


def test_a_split_in_a_process_of_its_own_gives_the_same_figures() -> None:
    case = fictional(120)
    effort = replace(TINY, epochs=1, variants=False)
    split = protocol.by_student(case, effort, 2)[0]

    (found,) = protocol.predict([split], lambda line: None, jobs=1).values()

    here = models.predict_split(case, split.train, split.test, effort)
    assert set(found) == set(here)
    for name in here:
        assert found[name][split.test] == pytest.approx(here[name], abs=1e-5), name
        assert np.isnan(found[name][split.train]).all()


def test_what_comes_after_a_cut_changes_no_prediction(predicted: dict[str, models.Array]) -> None:
    case = fictional(120)
    changed = case.weekly.values.copy()
    changed[80:, 2:] += 5.0
    later = replace(case, weekly=replace(case.weekly, values=changed))

    one, other = predicted, models.predict_split(later, TRAIN, TEST, TINY)

    for name in one:
        assert one[name][:, 0] == pytest.approx(other[name][:, 0], abs=1e-5), name
    assert not np.allclose(one["GRU"][:, 1], other["GRU"][:, 1])


def test_the_canary_sings_at_a_half_when_nothing_leaks() -> None:
    found = protocol.canary(fictional(), shuffles=6, effort=TINY)

    assert set(found) == {"logistic", "boosting", "GRU"}
    assert all(abs(value - 0.5) < 0.08 for value in found.values())


def test_the_canary_falls_silent_when_outcomes_reach_the_inputs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def leaking(case: Case, seed: int) -> Case:
        """Outcomes are dealt out, and an input is made from them."""
        dealt = np.random.default_rng(seed).permutation(case.weekly.result)
        values = case.weekly.values.copy()
        values[:, :, 1] = (dealt >= 2)[:, None]
        return replace(case, weekly=replace(case.weekly, result=dealt, values=values))

    monkeypatch.setattr(protocol, "_shuffled", leaking)

    found = protocol.canary(fictional(), shuffles=2, effort=TINY)

    assert found["logistic"] > 0.9 and found["boosting"] > 0.9


def test_a_blend_is_weighed_inside_the_training_part() -> None:
    case = fictional()
    swapped = case.weekly.result.copy()
    swapped[160:] = np.where(swapped[160:] >= 2, 1, 3)  # the test part's outcomes, turned round
    other = replace(case, weekly=replace(case.weekly, result=swapped))
    train, test = np.arange(160), np.arange(160, 240)

    effort = replace(TINY, variants=False)
    one, two = (models.predict_split(c, train, test, effort) for c in (case, other))

    assert np.array_equal(one[models.WEIGHT], two[models.WEIGHT])
    assert np.array_equal(one["blend"], two["blend"])


def test_every_variant_of_the_network_is_compared_with_the_design() -> None:
    case = fictional(120)
    splits = protocol.by_student(case, replace(TINY, seeds=2, epochs=1), 2)

    rows = variants.compare(case, variants.predict(splits, lambda line: None))

    by_name = {row["name"]: row for row in rows}
    some = {"design", "several seeds of the design"}
    assert set(by_name) == some | {*networks.INPUTS, *networks.ARCHITECTURES}
    for name, row in by_name.items():
        assert set(row["auc"]) == {"2", "4"}, name
        assert name == "design" or set(row["design"]) == {"2", "4"}, name
    away = by_name["attention pooling"]["auc"]["4"] - by_name["design"]["auc"]["4"]
    pooling = by_name["attention pooling"]["design"]["4"]
    assert pooling["difference"] == pytest.approx(away, abs=1e-6)


def test_absent_data_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MissingError, match="there is no file"):
        bench_outcomes.run(tmp_path)

    assert bench_outcomes.main(["--data", str(tmp_path)]) == 3
    with pytest.raises(
        InputError, match="no folder .*nowhere: --data DIR names .* docs/measured.md, Real "
    ):
        bench_outcomes.run(tmp_path / "nowhere")
    assert "needs real data" in capsys.readouterr().err
    assert bench_networks.main(["--data", str(tmp_path)]) == 3
    assert "needs real data" in capsys.readouterr().err
