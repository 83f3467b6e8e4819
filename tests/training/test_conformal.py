from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.training import conformal
from edupulse_core.training.conformal import Bands, probability_before

SEVERITY = np.array([0.0, 0.35, 0.66, 1.0])


def simulated(students: int, weeks: int, seed: int) -> dict[str, NDArray[Any]]:
    """Calibrated probabilities and what came; a student's weeks are alike and share their luck."""
    rng = np.random.default_rng(seed)
    tiers = np.repeat(rng.dirichlet((2.0, 1.0, 0.5, 0.2), students), weeks, axis=0)
    luck = np.repeat(rng.random(students), weeks)
    score = tiers @ SEVERITY
    return {
        "score": score,
        "tiers": tiers,
        "shown": np.digitize(score, (0.25, 0.5, 0.75)),
        "actual": np.minimum((luck[:, None] > tiers.cumsum(axis=1)).sum(axis=1), 3),
        "student": np.repeat(np.arange(students), weeks),
    }


def covered(bands: Bands, rows: dict[str, NDArray[Any]]) -> NDArray[np.bool_]:
    low, high = bands.of(rows["score"], rows["tiers"], rows["shown"])
    return (low <= rows["actual"]) & (rows["actual"] <= high)


def test_a_band_grows_by_the_likelier_neighbor() -> None:
    tiers = np.array([[0.1, 0.5, 0.15, 0.25]])

    before = probability_before(tiers, np.array([1]))

    # starts at medium (.5), then high (.15 against .1), then critical (.25), then low
    assert before[0] == pytest.approx([0.9, 0.0, 0.5, 0.65])


def test_a_band_is_a_run_of_tiers_around_the_one_shown() -> None:
    bands = Bands(0.9, (), (0.6,), rows=1, students=1)
    tiers = np.array([[0.97, 0.01, 0.01, 0.01], [0.3, 0.4, 0.2, 0.1], [0.1, 0.1, 0.2, 0.6]])

    low, high = bands.of(np.array([0.02, 0.3, 0.8]), tiers, np.array([0, 1, 3]))

    assert low.tolist() == [0, 0, 2]
    assert high.tolist() == [0, 1, 3]


def test_of_new_students_as_many_lie_in_their_band_as_promised() -> None:
    bands = conformal.fit(**simulated(1500, 4, seed=1))

    found = covered(bands, simulated(6000, 1, seed=2))

    assert 0.89 <= found.mean() <= 0.95


def test_the_promise_holds_in_every_stretch_of_the_score() -> None:
    bands = conformal.fit(**simulated(3000, 2, seed=1))
    new = simulated(20000, 1, seed=2)

    found = covered(bands, new)

    stretch = np.digitize(new["score"], bands.edges)
    assert min(found[stretch == at].mean() for at in range(8)) > 0.87


def test_a_student_with_many_weeks_counts_once() -> None:
    once = simulated(400, 1, seed=3)
    rows = np.concatenate([np.arange(400), np.zeros(5000, dtype=np.int64)])

    often = conformal.fit(**{name: values[rows] for name, values in once.items()})

    # edges aside, which are of rows, hundreds of weeks of one student change next to nothing
    assert often.students == 400
    assert np.mean(often.enough) == pytest.approx(np.mean(conformal.fit(**once).enough), abs=0.1)


def test_too_few_students_to_promise_anything_get_every_tier() -> None:
    bands = conformal.fit(**simulated(8, 50, seed=4))

    low, high = bands.of(np.array([0.1]), np.array([[0.97, 0.01, 0.01, 0.01]]), np.array([0]))

    assert (low[0], high[0]) == (0, 3)


def test_a_band_does_not_depend_on_who_else_is_asked_about() -> None:
    rows = simulated(300, 2, seed=5)
    bands = conformal.fit(**rows)

    together = np.stack(bands.of(rows["score"], rows["tiers"], rows["shown"]), axis=1)
    alone = np.stack(
        [
            np.concatenate(bands.of(rows["score"][[at]], rows["tiers"][[at]], rows["shown"][[at]]))
            for at in range(0, 600, 7)
        ]
    )

    assert np.array_equal(together[::7], alone)


def test_bands_survive_being_written_down() -> None:
    bands = conformal.fit(**simulated(300, 2, seed=6))

    assert Bands.from_json(bands.as_json()) == bands


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": 0.9},
        {"level": 1.5, "edges": [], "enough": [0.5], "rows": 1, "students": 1},
        {"level": 0.9, "edges": [0.5, 0.1], "enough": [0.5] * 3, "rows": 1, "students": 1},
        {"level": 0.9, "edges": [0.5], "enough": [0.5], "rows": 1, "students": 1},
        {"level": "x", "edges": [], "enough": [0.5], "rows": 1, "students": 1},
    ],
)
def test_what_is_no_band_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match=r"conformal\.json"):
        Bands.from_json(wrong)
