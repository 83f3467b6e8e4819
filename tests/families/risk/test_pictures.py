"""The night's heatmaps: kept beside the features, and read only where they fit."""

from pathlib import Path

import numpy as np
import pytest

from edupulse_core import files
from edupulse_core.families.risk import pictures, score, serve
from edupulse_core.families.risk.agreement import PARTLY, badge
from edupulse_core.families.risk.pictures import Pictures
from edupulse_core.families.risk.student import explain_student

IDS = ["ana", "ben", "çem", "dee"]
SCORES = np.array([0.8, 0.3, 0.1, 0.5])


def made(*sizes: int) -> Pictures:
    """Pictures with numbers of their own."""
    own = np.array(sizes, np.float32)[:, None, None]
    return Pictures(
        np.ones((len(sizes), 3, 3), np.float32) * own,
        np.ones((len(sizes), 3, 5), np.float32) * -own,
        np.ones((len(sizes), 3), bool),
        [badge(PARTLY, 0.7, 0.25) for _ in sizes],
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "v1.risk-9.pictures.npy"
    with pictures.writing(path, IDS, 3, 5) as add:
        add(IDS[1:2], SCORES[1:2], made(1))
        add(IDS[2:], SCORES[2:], made(0, 1))
    return path


def test_each_student_has_their_own_picture_and_some_have_none(path: Path) -> None:
    ben, cem = pictures.read(path, "ben", 0.3), pictures.read(path, "çem", 0.1)

    assert ben is not None and cem is not None
    assert (ben.attention == 1).all() and (ben.attributions == -1).all() and ben.observed.all()
    assert (cem.attention == 0).all()
    assert ben.agreement == badge(PARTLY, 0.7, 0.25)
    assert pictures.read(path, "ana", 0.8) is None
    assert pictures.read(path, "zoe", 0.8) is None


def test_a_picture_of_another_score_is_not_shown(path: Path) -> None:
    assert pictures.read(path, "ben", np.nextafter(0.3, 1)) is None


def test_a_file_that_is_missing_damaged_or_empty_has_no_pictures(path: Path) -> None:
    whole = path.read_bytes()
    places = [0, 9, len(whole) // 2, len(whole) - 1]

    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        files.look_again()
        assert pictures.read(path, "ben", 0.3) is None
    path.unlink()
    assert pictures.read(path, "ben", 0.3) is None
    with pictures.writing(path, [], 3, 5):
        pass
    assert pictures.read(path, "ben", 0.3) is None


def test_the_pictures_of_another_version_go_and_other_files_stay(path: Path) -> None:
    others = {"v1.features.duckdb", "v2.risk-9.pictures.npy"}
    for name in others:
        path.with_name(name).touch()
    new = path.with_name("v1.risk-90.pictures.npy")

    with pictures.writing(new, IDS, 3, 5) as add:
        add(IDS, SCORES, made(0, 1, 2, 3))

    assert {each.name for each in path.parent.iterdir()} == {new.name, f"{new.name}.sum"} | others


@pytest.mark.slow
def test_the_night_draws_everybody_as_their_page_would(home, version) -> None:
    served = serve.load(version)
    assert score.draw(home.settings, served, home.snapshot) == 0  # before any scores
    rows = score.score(home.settings, served, home.snapshot).rows.to_pylist()
    scored = {row["student_id"]: row["risk_score"] for row in rows if row["risk_score"] is not None}

    n = score.draw(home.settings, served, home.snapshot)

    assert n == len(scored) > 0
    path = pictures.file_of(home.snapshot, served.version)
    drawn = {name: pictures.read(path, name, value) for name, value in scored.items()}
    assert None not in drawn.values()
    for name in list(drawn)[:5]:
        picture, own = drawn[name], explain_student(home.settings, version, home.snapshot, name)
        why = own.explanation
        assert picture is not None and why is not None
        assert picture.observed.tolist() == own.observed
        np.testing.assert_allclose(picture.attention, why.attention.mean(axis=0), atol=1e-5)
        np.testing.assert_allclose(picture.attributions, why.attributions, atol=1e-4)
        assert picture.agreement.verdict == why.agreement.verdict
    assert score.draw(home.settings, served, home.snapshot) == 0  # all there
