"""What a model weighs over all students, on scores whose answer is known."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from edupulse_core.errors import RefusedError
from edupulse_core.families.risk import importance, serve
from edupulse_core.families.risk.importance import Labeled
from edupulse_core.features.catalogue import GROUPS, NAMES
from edupulse_core.warehouse import snapshots
from tests.families.risk.by_hand import ByHand, Trained

ABSENCE = NAMES.index("att_absence_rate_1w")
MARKS = NAMES.index("grd_score_mean_1w")


@dataclass(frozen=True)
class Read(ByHand):
    """The network by hand, as a version that is read by scoring."""

    version: str = "by-hand"


def by_hand() -> Read:
    return Read(Trained(np.zeros(42, np.float32), np.ones(42, np.float32)), 0.0)


@pytest.fixture
def rows() -> Labeled:
    """Two weeks of 200 students; a flag for whoever has more absence than most."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 20, 42)).astype(np.float32)
    values[:, -1, MARKS] = 0.0
    return Labeled(
        values,
        np.ones((400, 20), bool),
        np.zeros((400, 42)),
        np.repeat(np.array(["2026-01-05", "2026-01-12"], "datetime64[D]"), 200),
        [f"s{n % 200}" for n in range(400)],
        ["9"] * 380 + ["KG"] * 15 + ["10"] * 4 + [None],
        values[:, -1, ABSENCE] > 0,
    )


@pytest.fixture
def found(rows):
    return importance.importance(by_hand(), rows)


def test_only_what_the_score_reads_is_important(found, rows) -> None:
    size = 2 * np.abs(rows.values[:, -1, ABSENCE]).mean()

    assert found.gradient["feature"]["att_absence_rate_1w"] == pytest.approx(size, rel=1e-4)
    assert found.gradient["group"]["absence"] == pytest.approx(size, rel=1e-4)
    assert sum(found.gradient["group"].values()) == pytest.approx(size, rel=1e-4)
    assert found.gradient["modality"]["grades"] == found.gradient["modality"]["discipline"] == 0
    assert found.gradient["weeks_before"]["0"] == pytest.approx(size, rel=1e-4)
    assert found.gradient["weeks_before"]["1-3"] == 0


def test_permuting_the_only_reason_leaves_chance(found) -> None:
    lost = found.permutation

    assert found.auc == 1.0
    for kind, name in (
        ("feature", "att_absence_rate_1w"),
        ("group", "absence"),
        ("modality", "attendance"),
        ("weeks_before", "0"),
    ):
        assert lost[kind][name] == pytest.approx(0.5, abs=0.06)
        assert all(other == 0 for key, other in lost[kind].items() if key != name)
    assert found.repeats == 10 and 0 < found.spread["group"]["absence"] < 0.05
    assert found.spread["group"]["marks"] == 0
    assert list(lost["group"]) == list(GROUPS) and list(lost["feature"]) == list(NAMES)


def test_values_are_permuted_within_their_week_and_length_of_history(rows) -> None:
    short = replace(rows, observed=rows.observed.copy())
    short.observed[::3, :10] = False

    order = importance._within_weeks(short, np.random.default_rng(0))

    assert sorted(order) == list(range(400)) and (order != np.arange(400)).mean() > 0.9
    assert (short.weeks[order] == short.weeks).all()
    assert (short.observed[order] == short.observed).all()


def test_grades_of_few_students_are_hidden(found) -> None:
    assert list(found.by_grade) == ["KG", "9", "10"]
    assert found.by_grade["10"] is None
    assert found.by_grade["9"]["absence"] > 0 == found.by_grade["9"]["marks"]


def test_other_seeds_say_how_stable_the_tables_are(version, batch, rows) -> None:
    real = serve.load(version, form="onnx")
    few = Labeled(
        batch.values[:40],
        batch.observed[:40],
        np.zeros((40, 42)),
        rows.weeks[:40],
        rows.students[:40],
        rows.grades[:40],
        np.arange(40) % 2 == 0,
    )

    same = importance.importance(real, few, others=[real], repeats=2)
    alone = importance.importance(real, few, repeats=2)

    assert alone.stability is None
    assert same.stability["gradient"]["feature"] == pytest.approx(1.0)
    assert same.stability["permutation"]["group"] == pytest.approx(1.0)
    assert same.student_weeks == 40


def test_rows_are_the_labeled_weeks_with_history(home) -> None:
    outcome = "insert into outcomes select student_id, week_start, {0}, 0, 0, 0.3 * {0}, 'low' "
    some = "from student_weeks where week_start = '2026-02-09'"
    home.change(outcome.format("(student_id < 's10')::int") + some)
    with snapshots.connect(home.settings, home.snapshot, features=True) as con:
        rows = importance.read(con)
        fewer = importance.read(con, n=7)
        unseen = pa.table({"student_id": ["s07", "s12"], "week_start": [date(2026, 2, 9)] * 2})
        asked = importance.read(con, among=unseen)

    assert asked.students == ["s07", "s12"]  # those that a version has not learned from
    assert len(rows.values) == 48  # the two newcomers came later
    assert rows.has_flag.sum() == 9
    assert set(rows.weeks.tolist()) == {date(2026, 2, 9)}
    assert rows.norms.shape == (48, 42)
    assert len(fewer.values) == 7 and set(fewer.students) < set(rows.students)


def test_a_student_who_drops_out_counts_as_flagged_without_any_flag(home) -> None:
    home.change(
        "insert into outcomes select student_id, week_start, 0, 0, 0, "
        "(student_id = 's07')::int, 'low' from student_weeks where week_start = '2026-02-09'"
    )
    with snapshots.connect(home.settings, home.snapshot, features=True) as con:
        rows = importance.read(con)

    assert [rows.students[at] for at in rows.has_flag.nonzero()[0]] == ["s07"]


def test_without_outcomes_there_is_nothing_to_measure_on(home) -> None:
    with (
        snapshots.connect(home.settings, home.snapshot, features=True) as con,
        pytest.raises(RefusedError, match="no student-week has an outcome"),
    ):
        importance.read(con)
