from pathlib import Path

import pytest

from edupulse_core.config import Settings
from edupulse_core.queries import classes
from edupulse_core.queries.district import District, open_district
from tests import people
from tests.queries import conftest
from tests.queries.conftest import build_home, score_cast


def groups(section: classes.Section) -> dict[str, list[str]]:
    return {
        name: [row["student_id"] for row in getattr(section, name)]
        for name in ("changed", "missing_work", "at_risk", "watch", "unknown", "fine")
    }


def test_a_section_says_who_changed_who_misses_work_and_who_is_at_risk(district: District) -> None:
    (english,) = classes.sections(people.teacher_english, district)

    assert english.title == "English 9" and english.n_students == 3
    assert groups(english) == {
        "changed": ["ana", "cy"],
        "missing_work": ["ben"],
        "at_risk": ["ana"],
        "watch": [],
        "unknown": [],
        "fine": [],
    }
    news = {row["student_id"]: row["news"] for row in english.changed}
    assert news["ana"] == "up from High to Critical"
    assert news["cy"].startswith("down from Medium to Low; absent 2 days")


def test_who_changed_and_misses_work_is_in_both_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = build_home(tmp_path)
    monkeypatch.setitem(conftest.SCORES, "ben", (0.60, 0.30, "grd_missing_rate_4w"))
    score_cast(settings)

    (english,) = classes.sections(people.teacher_english, open_district(settings))

    found = groups(english)
    assert [name for name, ids in found.items() if "ben" in ids] == [
        "changed",
        "missing_work",
        "at_risk",
    ]


def test_missing_work_is_of_that_section_only(district: District) -> None:
    (algebra,) = classes.sections(people.teacher_north, district)

    missing = {row["student_id"]: row["n_missing"] for row in algebra.changed + algebra.watch}
    assert missing["ben"] == 0


def test_an_incident_of_the_week_is_news(district: District) -> None:
    (biology,) = classes.sections(people.teacher_south, district)

    news = {row["student_id"]: row["news"] for row in biology.changed}
    assert "1 incident" in news["dee"]
    assert groups(biology)["unknown"] == ["eli"]


def test_a_section_says_who_is_uncertain(district: District) -> None:
    found = classes.sections(people.teacher_north, district)

    rows = [row for each in found for name in groups(each) for row in getattr(each, name)]
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

    assert groups(english)["at_risk"] == ["ana"]  # absent 10 % and failing


def eli(settings: Settings) -> tuple[str, str]:
    """The group in which Eli of Biology stands, and what of him is unknown."""
    (biology,) = classes.sections(people.teacher_south, open_district(settings))
    (group,) = (name for name, ids in groups(biology).items() if "eli" in ids)
    (row,) = (row for row in getattr(biology, group) if row["student_id"] == "eli")
    return group, row["unknown"]


MARK = """
insert into line_items values ('lab', 'Lab', 'biology-2', '2026-11-04', 0, 10);
insert into results
    (result_id, line_item_id, student_id, score_status, score, score_date)
    values ('r6', 'lab', 'eli', 'fully graded', {score}, '2026-11-05');
"""


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which Eli has a good mark."""
    return build_home(tmp_path_factory.mktemp("marked"), more=MARK.format(score=9))


@pytest.mark.parametrize(
    ("score", "chances", "group"),
    [
        (0.2, {}, "fine"),
        (0.3, {}, "watch"),  # medium
        (0.2, conftest.CHANCES["ben"], "watch"),  # uncertain
        (0.6, {}, "at_risk"),
    ],
)
def test_fine_is_who_has_a_low_certain_level(
    marked: Settings,
    score: float,
    chances: dict[str, float],
    group: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(conftest.SCORES, "eli", (score, score, "grd_gpa_ytd"))
    monkeypatch.setitem(conftest.CHANCES, "eli", chances)
    score_cast(marked)

    assert eli(marked) == (group, "")


def test_who_has_no_score_this_week_is_not_known_to_be_fine(
    marked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(conftest.SCORES, "eli")
    score_cast(marked)

    assert eli(marked) == ("unknown", "no score this week")


NO_ATTENDANCE = """
delete from attendance;
update has_records set present = false where name = 'attendance';
"""
NO_INCIDENTS = """
delete from incidents;
update has_records set present = false where name = 'incidents';
"""
NO_RESULTS = """
delete from results;
update has_records set present = false where name = 'grades';
"""
SILENT = """
insert into silent_days
    select school_id, date, date '2026-11-06' from school_days
    where school_id = 'south' and date >= '2026-10-26';
"""
BRIEF = """
insert into silent_days
    select school_id, date, date '2026-11-02' from school_days
    where school_id = 'south' and date between '2026-10-19' and '2026-11-10';
"""
NEW = """
delete from enrollment_spans where user_id = 'eli' and class_id = 'algebra-3';
update enrollment_spans set start_date = '{since}' where user_id = 'eli';
delete from student_days where student_id = 'eli' and date < '{since}';
"""
FEW = "not enough data: 2 of 4 school weeks"  # with a grade, where no attendance is known
GOOD, BAD = MARK.format(score=9), MARK.format(score=2)


@pytest.mark.parametrize(
    ("more", "group", "unknown"),
    [
        (GOOD, "fine", ""),
        (GOOD + NO_ATTENDANCE, "unknown", f"{FEW}; attendance was never imported"),
        (GOOD + SILENT, "unknown", "the school has sent no attendance since Oct 26, 2026"),
        (GOOD + BRIEF, "fine", ""),  # attendance came again this week
        (GOOD + NO_INCIDENTS, "unknown", "incidents were never imported"),
        (NO_RESULTS, "unknown", "grades were never imported"),
        ("", "unknown", "no grade yet this school year"),
        (GOOD + NEW.format(since="2026-11-02"), "unknown", "not enough data: 2 of 4 school weeks"),
        (GOOD + NEW.format(since="2026-10-20"), "fine", ""),  # the fourth week
        (BAD + NO_ATTENDANCE, "watch", f"{FEW}; attendance was never imported"),
    ],
)
def test_without_scores_fine_is_who_is_known_to_have_no_flag(
    tmp_path: Path, more: str, group: str, unknown: str
) -> None:
    settings = build_home(tmp_path, more=more)

    found = eli(settings)

    assert found == (group, unknown)


def test_who_is_neither_at_risk_nor_fine_is_watched_for_what_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = build_home(tmp_path)
    monkeypatch.setitem(conftest.SCORES, "ana", (0.1, 0.1, "att_absence_rate_ytd"))
    score_cast(settings)

    (english,) = classes.sections(people.teacher_english, open_district(settings))

    assert groups(english)["watch"] == ["ana"]  # a low level, yet two flags
    flags = english.watch[0]["flags"]
    assert (flags.n, flags.is_chronic, flags.courses_failing) == (2, True, 1)
