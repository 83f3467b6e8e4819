from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from edupulse_core.actions.imports import download_rejects
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import data, guide
from edupulse_core.queries.district import District, open_district
from edupulse_core.warehouse.silence import UNSENT
from edupulse_core.warehouse.sources import LEARNING
from tests import people
from tests.queries.conftest import build_home

LEAD_AND_STEWARD = replace(people.steward, roles=frozenset({"steward", "district"}))


@pytest.mark.parametrize("viewer", [people.counselor, people.district_lead, people.teacher_north])
@pytest.mark.parametrize(
    "ask",
    [
        data.imports,
        data.files,
        data.reject_reasons,
        data.rejected_rows,
        data.learning_files,
        data.findings,
        data.silent_marks,
    ],
)
def test_only_the_steward_sees_the_state_of_the_data(
    viewer: Viewer, ask: object, district: District
) -> None:
    with pytest.raises(AccessError):
        ask(viewer, district)  # type: ignore[operator]


def test_the_steward_reads_files_reasons_and_findings(district: District) -> None:
    files = data.files(people.steward, district).to_pylist()
    assert files[0] == {
        "file": "attendance",
        "present": True,
        "read": 10,
        "imported": 9,
        "rejected": 1,
    }
    assert data.reject_reasons(people.steward, district).to_pylist()[0]["n_rows"] == 1
    assert data.imports(people.steward, district).num_rows == 1
    assert data.findings(people.steward, district)
    assert data.silent_feeds(people.steward, district) == []
    assert data.silent_marks(people.steward, district) == []
    assert data.can_undo(people.steward, district) is False


def test_rejected_rows_are_harmless_in_a_spreadsheet_and_their_download_is_noted(
    home: Settings, district: District
) -> None:
    text = download_rejects(person(LEAD_AND_STEWARD), district).decode("utf-8-sig")

    assert text.splitlines()[0] == "file,row_number,sourced_id,column_name,reason,found,raw"
    assert '"\'=a8,ana,13/45"' in text
    noted = trail.entries(home, action=trail.DOWNLOAD_REJECTS)[0].details
    assert noted["rows"] == 1 and noted["with_lines"]


@pytest.mark.parametrize("also", ["counselor", "teacher", "principal", None])
def test_who_may_not_see_all_students_gets_no_line_as_it_was_read(
    also: str | None, district: District
) -> None:
    viewer = replace(people.steward, roles=frozenset({"steward", *([also] if also else [])}))

    text = download_rejects(person(viewer), district).decode("utf-8-sig")

    assert "ana" not in text
    assert text.splitlines()[1].startswith("attendance,7,,date,") and text.strip().endswith(",")


def test_what_is_missing_says_what_it_switches_off(district: District) -> None:
    found = {item.what: item.consequence for item in data.missing(people.steward, district)}

    assert set(found) == {"withdrawals", "demographics"}
    assert found["withdrawals"].startswith("not imported. Unknown, not zero")


def test_what_was_imported_without_a_row_is_missing_too(tmp_path: Path) -> None:
    settings = build_home(
        tmp_path,
        more="delete from results; delete from incidents; insert into has_records "
        "values ('results', true)",
    )

    found = {
        item.what: item.consequence
        for item in data.missing(people.steward, open_district(settings))
    }

    assert found["results"].startswith("imported, but always empty. Grades, failing")
    assert found["incidents"].startswith("imported, but always empty.")


def test_silent_days_after_the_last_whole_week_are_not_counted_yet(tmp_path: Path) -> None:
    settings = build_home(
        tmp_path,
        more="""
            insert into silent_days values
                ('north', '2026-09-01', '2026-09-02'),
                ('north', '2026-09-02', '2026-09-02'),
                ('north', '2026-11-13', '2026-11-13'),
                ('north', '2026-11-16', '2026-11-13'),
                ('south', '2026-11-13', '2026-11-16')
        """,
    )

    found = data.silent_feeds(people.steward, open_district(settings))

    assert [(row["school"], row["n_days"], str(row["last_day"])) for row in found] == [
        ("North Middle School", 2, "2026-09-02"),
        ("North Middle School", 1, "2026-11-13"),
    ]


def test_schools_that_do_not_send_a_kind_of_record_are_named(tmp_path: Path) -> None:
    settings = build_home(
        tmp_path,
        more="""
            insert into unknown_weeks values
                ('north', '2026-11-09', 'incidents', true),
                ('south', '2026-11-09', 'days_removed', false),
                ('south', '2026-11-02', 'marks', true)
        """,
    )

    assert data.unsent(people.steward, open_district(settings)) == [
        {
            "school": "North Middle School",
            "kind": "incidents",
            "words": UNSENT["incidents"].words,
        }
    ]


def test_every_number_can_be_read(district: District) -> None:
    readings = guide.readings(district)

    assert len(readings) == 42 and all(reading.known for reading in readings)
    assert readings[0].example == "Attended 75% of this week"
    assert not any("{" in reading.example or "unknown" in reading.example for reading in readings)


def test_the_model_is_told_by_its_card_and_by_how_often_it_was_right(district: District) -> None:
    card, found = guide.model_card(district), guide.tested(district)

    assert card and not card.startswith("# ")
    assert found and found.weeks > found.students > 0 and found.fictional
    assert 0 < found.two_flags <= found.any_flag <= 1
    assert 0 < found.rule_two_flags <= found.rule_any_flag <= 1


@pytest.mark.parametrize(
    ("known", "fictional"),
    [
        ([{"district": "demo", "seed": 7}], True),
        ([{"district": "Elm", "fingerprint": "f", "is_demo": True}], True),
        ([{"district": "Elm", "fingerprint": "f", "is_demo": False}], False),
    ],
)
def test_the_students_of_a_test_are_called_fictional_where_they_are(
    known: list[object], fictional: bool, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = registry.metrics_of(registry.active_version(district.settings, "risk"))
    metrics |= {"evaluated_on": known, "test": metrics["test"] | {"few": False}}
    monkeypatch.setattr(registry, "metrics_of", lambda _: metrics)

    found = guide.tested(district)

    assert found and found.fictional is fictional


@pytest.mark.parametrize(("few", "is_told"), [(True, False), (None, False), (False, True)])
def test_a_test_that_would_tell_of_few_real_students_is_not_told(
    few: bool | None, is_told: bool, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = registry.metrics_of(registry.active_version(district.settings, "risk"))
    metrics["evaluated_on"] = [{"district": "Elm", "fingerprint": "f", "is_demo": False}]
    if few is not None:  # an earlier EduPulse wrote nothing of it
        metrics["test"]["few"] = few
    monkeypatch.setattr(registry, "metrics_of", lambda _: metrics)

    assert (guide.tested(district) is not None) == is_told


def test_without_a_model_there_is_neither(home: Settings) -> None:
    gone = open_district(home.model_copy(update={"model_version": "gone"}))

    assert guide.model_card(gone) is None and guide.tested(gone) is None


def test_a_school_whose_marks_stopped_is_told_with_the_last_one(tmp_path: Path) -> None:
    moved = "update results set score_date = '2026-10-{}' where score_date is not null"
    stopped = build_home(tmp_path / "stopped", more=moved.format("16"))
    goes_on = build_home(tmp_path / "goes_on", more=moved.format("19"))

    (told,) = data.silent_marks(people.steward, open_district(stopped))

    assert (told.school, told.last_mark, told.n_days) == (
        "North Middle School",
        date(2026, 10, 16),
        20,
    )
    found = {each.name: each.n for each in data.findings(people.steward, open_district(stopped))}
    assert found["silent_marks"] == 1
    assert data.silent_marks(people.steward, open_district(goes_on)) == []


def test_learning_files_say_what_stands_and_what_needs_those_that_never_came(
    tmp_path: Path,
) -> None:
    settings = build_home(
        tmp_path,
        more="""
            insert into has_records values ('interactions', true), ('programs', true),
                ('ratings', false);
            insert into interactions (student_id, item_id, answered_at, is_correct) values
                ('ana', 'q', '2026-11-10 10:00', true), ('ana', 'q', '2026-11-12 10:00', true),
                ('ben', 'q', '2026-11-11 10:00', true);
        """,
    )

    found = data.learning_files(people.steward, open_district(settings))

    held = {one.file: (one.n_rows, one.students, one.newest) for one in found}
    assert list(held) == [file.name for file in LEARNING]
    assert held["interactions"] == (3, 2, date(2026, 11, 12))
    assert held["programs"] == (0, None, None)
    assert {file for file, (n_rows, *_) in held.items() if n_rows is not None} == {
        "interactions",
        "programs",
    }
    assert all(one.needed_for for one in found)
