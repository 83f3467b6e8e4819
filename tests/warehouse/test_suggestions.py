"""Notes of an import that name the setting which the data suggest."""

from datetime import date

import pytest

from edupulse_core.config import Settings
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

SCHOOL = bundles.weekdays(bundles.FIRST_DAY, bundles.IMPORT_DAY)


@pytest.fixture
def notes_naming(tmp_path):
    def notes_naming(word, files, **rules):
        settings = Settings(home=tmp_path / "home", import_day=bundles.IMPORT_DAY, **rules)
        summary = ingest(settings, bundles.write(tmp_path / "bundle", files), dry_run=True)
        return [note for note in summary.notes if word in note]

    return notes_naming


def graded_to_four() -> bundles.Files:
    files = bundles.small()
    files["lineItems"] = [
        bundles.line_item(f"w{n}", SCHOOL[n], low="1", high="4") for n in range(3)
    ]
    files["results"] = [bundles.result(f"w{n}", "ana", "2", SCHOOL[n]) for n in range(3)]
    return files


def test_a_scale_of_four_is_told_until_a_rule_says_what_fails(notes_naming):
    block = {"schools": ["north"], "failing_below": 0.3}

    assert len(notes_naming("failing_below", graded_to_four())) == 1
    assert notes_naming("failing_below", graded_to_four(), rules=[block]) == []
    assert notes_naming("failing_below", bundles.small()) == []


def every_other_day() -> bundles.Files:
    """Four classes, of which two meet on a day; Ana misses every Monday."""
    files = bundles.small()
    files["classes"] += [bundles.section(name, "art") for name in ("a", "b", "c")]
    files["enrollments"] += [bundles.enrollment("ana", name) for name in ("a", "b")]
    files["attendance"] = [
        {**bundles.absence("ana", day, classSourcedId=name), "sourcedId": f"{day}-{name}"}
        for day in SCHOOL[:40:5]
        for name in ("math-1", "a")
    ]
    return files


def test_more_classes_than_meet_on_any_day_are_told_until_a_rule_says_how_many(notes_naming):
    (said,) = notes_naming("classes_a_day", every_other_day())

    assert "classes_a_day = 2" in said
    block = {"schools": ["north"], "classes_a_day": 2}
    assert notes_naming("classes_a_day", every_other_day(), rules=[block]) == []


def test_a_session_weeks_before_the_others_is_told(notes_naming):
    files = bundles.small()
    files["academicSessions"].append(
        bundles.session("summer", date(2025, 7, 1), date(2025, 8, 1), 2026, "term")
    )

    (said,) = notes_naming("not_school", files)

    assert '"summer"' in said
    assert notes_naming("not_school", files, not_school=["summer"]) == []


def test_terms_that_follow_each_other_are_no_news(notes_naming):
    files = bundles.small()
    files["academicSessions"] += [
        bundles.session("fall", bundles.FIRST_DAY, date(2026, 1, 15), 2026, "term"),
        bundles.session("spring", date(2026, 1, 20), bundles.LAST_DAY, 2026, "term"),
    ]
    for row in files["classes"]:
        row["termSourcedIds"] = "fall"

    assert notes_naming("not_school", files) == []


def test_a_half_of_a_year_in_which_the_classes_are_is_no_news(notes_naming):
    files = bundles.small()
    files["academicSessions"] += [
        bundles.session("first", bundles.FIRST_DAY, date(2026, 1, 15), 2026, "semester"),
        bundles.session("second", date(2026, 1, 20), bundles.LAST_DAY, 2026, "semester"),
    ]

    assert notes_naming("not_school", files) == []
