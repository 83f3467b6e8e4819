"""The demo's first start asks for the families' trainings, which run while people look around."""

import shutil
from pathlib import Path

import pytest

from edupulse_core.actions.demo import setup_demo
from edupulse_core.actions.models import train_version
from edupulse_core.config import Settings, load_settings
from edupulse_core.families import shelf
from edupulse_core.people import access, personas
from edupulse_core.people.actor import OPERATOR
from edupulse_core.queries import marks
from edupulse_core.queries.district import open_district
from edupulse_core.store import jobs
from edupulse_core.store.database import open_store


@pytest.fixture
def with_toy(demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The demo, on whose shelf only the toy family stands beside the first one."""
    shutil.copytree(demo_home.home, tmp_path, dirs_exist_ok=True)
    shelf_of_two = {"risk": shelf.SHELF["risk"], "toy": "tests.families.toy.family:TOY"}
    monkeypatch.setattr(shelf, "SHELF", shelf_of_two)
    return load_settings(home=tmp_path)


def asked(settings: Settings) -> list[tuple[str, str | None]]:
    return [(job.kind, job.family) for job in jobs.newest(open_store(settings))]


def test_a_training_of_each_family_without_a_version_is_asked_for_once(with_toy: Settings) -> None:
    for _ in range(2):
        setup_demo(OPERATOR, with_toy)

    assert asked(with_toy) == [("train", "toy")]


def test_a_family_that_has_a_version_is_not_trained_again(with_toy: Settings) -> None:
    train_version(OPERATOR, with_toy, "toy")

    setup_demo(OPERATOR, with_toy)

    assert asked(with_toy) == []


def test_a_demo_without_trainings_asks_for_none(with_toy: Settings) -> None:
    setup_demo(OPERATOR, with_toy, train=False)

    assert asked(with_toy) == []


def test_the_first_teacher_sees_points_proposed_at_once(demo_home: Settings) -> None:
    district = open_district(demo_home)
    staff = personas.personas(access.cursor(district.con))
    teacher = next(one for one in staff if "teacher" in one.roles)

    asked = marks.asked(teacher, district)

    assert len({one.question.text for one in asked}) == 3
    sheets = [marks.sheet(teacher, district, one.question.question_id) for one in asked]
    waiting = [paper for sheet in sheets for paper in sheet.open]
    assert len(waiting) > 10 and all(paper.proposed for paper in waiting)
    assert sum(sheet.n_hidden for sheet in sheets) == 0
