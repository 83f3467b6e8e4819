from pathlib import Path
from typing import Any

import pytest

from edupulse_core.queries import classes
from edupulse_core.queries.district import District, open_district
from tests import people
from tests.queries import conftest
from tests.queries.conftest import build_home, score_cast


def groups(section: classes.Section) -> dict[str, list[str]]:
    return {
        name: [row["student_id"] for row in getattr(section, name)]
        for name in ("changed", "missing_work", "at_risk", "watch", "fine")
    }


def test_a_section_says_who_changed_who_misses_work_and_who_is_fine(district: District) -> None:
    (english,) = classes.sections(people.teacher_english, district)

    assert english.title == "English 9" and english.n_students == 3
    assert groups(english) == {
        "changed": ["ana", "cy"],
        "missing_work": ["ben"],
        "at_risk": [],
        "watch": [],
        "fine": [],
    }
    news = {row["student_id"]: row["news"] for row in english.changed}
    assert news["ana"] == "from high to critical"
    assert news["cy"] == "from medium to low; absent 2 days"


def test_missing_work_is_of_that_section_only(district: District) -> None:
    (algebra,) = classes.sections(people.teacher_north, district)

    missing = {row["student_id"]: row["n_missing"] for row in algebra.changed + algebra.watch}
    assert missing["ben"] == 0


def test_an_incident_of_the_week_is_news(district: District) -> None:
    (biology,) = classes.sections(people.teacher_south, district)

    news = {row["student_id"]: row["news"] for row in biology.changed}
    assert "1 incident" in news["dee"]
    assert groups(biology)["fine"] == ["eli"]


def test_a_section_says_who_is_uncertain(district: District) -> None:
    found = classes.sections(people.teacher_north, district)

    rows = [
        row
        for each in found
        for kind in (each.changed, each.missing_work, each.at_risk, each.watch, each.fine)
        for row in kind
    ]
    assert {row["student_id"] for row in rows if row["uncertain"]} == {"ben"}


def test_who_teaches_nothing_has_no_sections(district: District) -> None:
    assert classes.sections(people.counselor, district) == []
    assert classes.sections(people.steward, district) == []


def test_nobody_at_risk_counts_as_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = build_home(tmp_path)
    monkeypatch.setitem(conftest.SCORES, "ana", (0.82, 0.82, "att_absence_rate_ytd"))
    score_cast(settings)

    (english,) = classes.sections(people.teacher_english, open_district(settings))

    assert groups(english)["at_risk"] == ["ana"]
    assert english.n_students == 3


def test_without_scores_two_plain_flags_are_a_risk(tmp_path: Path) -> None:
    district = open_district(build_home(tmp_path))  # never scored

    (english,) = classes.sections(people.teacher_english, district)

    assert groups(english)["at_risk"] == ["ana"]  # chronically absent and failing


FINE = {"tier": "low", "uncertain": False, "flag_a": False, "flag_b": False, "flag_c": False}


@pytest.mark.parametrize(
    ("given", "fine"),
    [
        ({}, True),
        ({"tier": None}, True),
        ({"flag_a": None, "flag_c": None}, True),  # unknown is no flag
        ({"tier": "medium"}, False),
        ({"tier": "high"}, False),
        ({"uncertain": True}, False),
        ({"flag_a": True}, False),
        ({"flag_b": True, "tier": None}, False),
        ({"flag_c": True}, False),
    ],
)
def test_fine_is_who_has_no_flag_and_a_low_certain_tier(given: dict[str, Any], fine: bool) -> None:
    assert classes.is_fine({**FINE, **given}) is fine


def test_who_is_neither_at_risk_nor_fine_is_watched_for_what_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = build_home(tmp_path)
    monkeypatch.setitem(conftest.SCORES, "ana", (0.1, 0.1, "att_absence_rate_ytd"))
    score_cast(settings)

    (english,) = classes.sections(people.teacher_english, open_district(settings))

    assert groups(english)["watch"] == ["ana"]  # a low tier, yet both flags
    assert english.watch[0]["flags"] == "chronically absent; fails a course"
