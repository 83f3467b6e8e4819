"""What resources are compared by, and what a version remembers of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edupulse_core.errors import ModelError
from edupulse_core.families.recommend import resources
from edupulse_core.families.recommend.resources import Resources, Vocabulary
from tests.families.recommend import district


def resource(name: str, **known: Any) -> dict[str, Any]:
    usual = {
        "resource_id": name,
        "title": name,
        "kind": None,
        "difficulty": None,
        "minutes": None,
        "url": None,
        "body": "",
    }
    lists: dict[str, Any] = {each: [] for each in ("skill_ids", "skills", "subjects", "grades")}
    return usual | lists | known


def of(*rows: dict[str, Any]) -> Resources:
    return Resources(np.array([row["resource_id"] for row in rows]), list(rows))


def nearness(found: Resources) -> np.ndarray[Any, np.dtype[np.float64]]:
    numbers = Vocabulary.of(found).encode(found)
    return resources.alike(numbers, numbers)


def test_a_common_skill_brings_resources_together() -> None:
    found = nearness(
        of(
            resource("a", skill_ids=["s"], kind="video"),
            resource("b", skill_ids=["s"], kind="video"),
            resource("c", skill_ids=["t"], kind="video"),
        )
    )

    assert found[0, 1] > found[0, 2]


def test_words_in_common_bring_resources_together() -> None:
    found = nearness(
        of(
            resource("a", title="Adding fractions", body="halves and thirds"),
            resource("b", title="More fractions", body="thirds"),
            resource("c", title="Rivers", body="maps"),
        )
    )

    assert found[0, 1] > found[0, 2] + 0.1


def test_what_is_not_known_of_a_resource_is_no_value_of_its_own() -> None:
    found = of(resource("a"), resource("b", difficulty=3.0, minutes=20.0, kind="video"))

    numbers = Vocabulary.of(found).encode(found)

    assert np.isfinite(numbers).all()
    assert np.isnan(found.levels[0]) and np.isnan(found.minutes[0])


def test_a_vocabulary_reads_the_same_after_it_was_saved(tmp_path: Path) -> None:
    with district.made(students=2) as con:
        found = resources.read(con)
    made = Vocabulary.of(found)

    made.save(tmp_path)

    assert np.allclose(Vocabulary.open(tmp_path).encode(found), made.encode(found))
    assert found.rows[0]["skills"] == ["English"] and found.rows[0]["subjects"] == ["english"]


def test_a_damaged_vocabulary_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.json").write_text("{}")

    with pytest.raises(ModelError, match="incomplete"):
        Vocabulary.open(tmp_path)
