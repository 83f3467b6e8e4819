"""The night's heatmaps: kept beside the features, and read only where they fit."""

from datetime import date
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


def made(*rows: int) -> Pictures:
    """Pictures of some of the four, each with numbers of its own."""
    sizes = np.array(rows, np.float32)[:, None, None]
    return Pictures(
        np.array(rows),
        np.ones((len(rows), 3, 3), np.float32) * sizes,
        np.ones((len(rows), 3, 5), np.float32) * -sizes,
        np.ones((len(rows), 3), bool),
        [badge(PARTLY, 0.7, 0.25) for _ in rows],
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "v1.risk-9.quick.pictures.npy"
    with pictures.writing(path, IDS, 3, 5) as add:
        add(IDS[:2], SCORES[:2], made(1))
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
    others = {"v1.features.duckdb", "v2.risk-9.quick.pictures.npy"}
    for name in others:
        path.with_name(name).touch()
    new = path.with_name("v1.risk-10.more.pictures.npy")

    with pictures.writing(new, IDS, 3, 5) as add:
        add(IDS, SCORES, made(0))

    assert {each.name for each in path.parent.iterdir()} == {new.name, f"{new.name}.sum"} | others


@pytest.mark.slow
def test_the_night_draws_what_a_page_would_work_out(home, version) -> None:
    run = score.score(home.settings, serve.load(version), home.snapshot)
    path = pictures.file_of(home.snapshot, run.version)
    scores = dict(
        zip(*(run.rows[n].to_pylist() for n in ("student_id", "risk_score")), strict=True)
    )

    found = {name: pictures.read(path, name, value or 0.0) for name, value in scores.items()}

    drawn = {name: picture for name, picture in found.items() if picture is not None}
    assert len(drawn) > 10
    for name, picture in list(drawn.items())[:5]:
        own = explain_student(home.settings, version, home.snapshot, name)
        assert picture.observed.tolist() == own.observed and own.explanation is not None
        np.testing.assert_allclose(
            picture.attention, own.explanation.attention.mean(axis=0), atol=1e-5
        )
        np.testing.assert_allclose(picture.attributions, own.explanation.attributions, atol=0.02)
        weeks = own.explanation.agreement.weeks
        assert picture.agreement.weeks == pytest.approx(weeks, abs=0.1)


@pytest.mark.slow
def test_what_needs_more_points_is_drawn_after_the_scores(home, version) -> None:
    served = serve.load(version)
    assert score.draw(home.settings, served, home.snapshot) == 0  # before any scores
    rows = score.score(home.settings, served, home.snapshot).rows.to_pylist()
    scored = {row["student_id"]: row["risk_score"] for row in rows if row["risk_score"] is not None}
    quick = pictures.file_of(home.snapshot, served.version)
    open_yet = [name for name in scored if pictures.read(quick, name, scored[name]) is None]

    n = score.draw(home.settings, served, home.snapshot)

    assert n == len(open_yet) > 0
    for name, value in scored.items():
        assert pictures.find(home.snapshot, served.version, name, value) is not None
    shown = pictures.find(home.snapshot, served.version, open_yet[0], scored[open_yet[0]])
    own = explain_student(home.settings, version, home.snapshot, open_yet[0]).explanation
    assert shown is not None and own is not None
    np.testing.assert_allclose(shown.attributions, own.attributions, atol=1e-4)
    assert shown.agreement.verdict == own.agreement.verdict


@pytest.mark.slow
def test_a_week_before_the_newest_leaves_the_newest_weeks_pictures(home, version) -> None:
    served = serve.load(version)
    path = pictures.file_of(home.snapshot, served.version)
    score.score(home.settings, served, home.snapshot)
    before = path.read_bytes()

    score.score(home.settings, served, home.snapshot, as_of=date(2026, 2, 22))

    assert path.read_bytes() == before
