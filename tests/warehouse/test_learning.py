"""Learning records come in by nine optional files, each row by its key."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from edupulse_core.config import Settings
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import Summary, ingest
from edupulse_core.warehouse.sources import LEARNING
from tests import bundles

pytestmark = pytest.mark.slow

FIRST = datetime(2026, 1, 5, 10)
SUBJECTS = "math, english, science, social studies, other"
KINDS = "reading, practice, video, project, other"
METHODS = "reading, practice, video, group, other"
PLACES = "home, library, school, cafe, other"
OUTCOMES = "admitted, denied, waitlisted, withdrawn"
BAD = [  # file, column, value, reason
    ("skills", "title", " ", "empty"),
    ("skills", "title", "x" * 201, "longer than 200 characters"),
    ("skills", "difficulty", "10.5", "not 1 to 10"),
    ("skills", "base_hours", "-1", "negative"),
    ("items", "skillSourcedIds", " , ", "empty"),
    ("items", "skillSourcedIds", "fractions, algebra", "unknown skill"),
    ("items", "difficulty", "hard", "not a number"),
    ("interactions", "studentSourcedId", "tess", "unknown student"),
    ("interactions", "itemSourcedId", "Q1", "unknown item"),
    ("interactions", "answeredAt", "2026-01-05", "not a date and time (yyyy-mm-ddThh:mm)"),
    ("interactions", "answeredAt", "2026-02-30T10:00", "not a date and time (yyyy-mm-ddThh:mm)"),
    ("interactions", "answeredAt", "2026-03-02T00:00", "after the day of the import"),
    ("interactions", "correct", ".5", "not 0 or 1"),
    ("interactions", "seconds", "-3", "negative"),
    ("interactions", "attempt", "1.5", "not a whole number"),
    ("resources", "url", "javascript:alert(1)", "not a web address (https://… or http://…)"),
    ("resources", "difficulty", "0", "not 1 to 5"),
    ("ratings", "resourceSourcedId", "r9", "unknown resource"),
    ("ratings", "rating", "6", "not 1 to 5"),
    ("ratings", "completed", "half", "not 0 or 1"),
    ("study_sessions", "hours", "0", "not over 0 and at most 24"),
    ("study_sessions", "hours", "24.5", "not over 0 and at most 24"),
    ("study_sessions", "hours", "", "not a number"),
    ("study_sessions", "skillSourcedId", "", "unknown skill"),
    ("study_sessions", "energy_level", "0", "not 1 to 5"),
    ("learners", "avg_focus_duration", "-1", "negative"),
    ("programs", "tier", "6", "not 1 to 5"),
    ("programs", "tier", "1.5", "not a whole number"),
    ("programs", "admit_rate", "40", "not 0 to 1"),
    ("applications", "programSourcedId", "p9", "unknown program"),
    ("applications", "appliedOn", "2026-03-02", "after the day of the import"),
    ("applications", "appliedOn", "soon", "not a date (yyyy-mm-dd)"),
    ("applications", "statement", "5.1", "not 1 to 5"),
    ("applications", "gpa", "1e308", "over 1,000,000,000"),
    ("skills", "subject", "sideways", f"unknown subject: must be one of {SUBJECTS}"),
    ("skills", "content_type", "sideways", f"unknown content type: must be one of {KINDS}"),
    ("resources", "kind", "sideways", f"unknown kind: must be one of {KINDS}"),
    ("study_sessions", "study_method", "x", f"unknown study method: must be one of {METHODS}"),
    ("study_sessions", "environment", "x", f"unknown environment: must be one of {PLACES}"),
    ("applications", "outcome", "maybe", f"unknown outcome: must be one of {OUTCOMES}"),
]
TIMES = {
    "2026-01-05T10:00": FIRST,
    " 2026-01-05 10:00:00 ": FIRST,
    "2026-01-05T15:00:00Z": FIRST,
    "2026-01-05t15:00z": FIRST,
    "2026-01-05T20:30:00.000+05:30": FIRST,
    "2026-01-05T20:30+0530": FIRST,
    "2026-01-05T07:00-08": FIRST,
    "2026-03-02T04:59Z": datetime(2026, 3, 1, 23, 59),  # still the day of the import there
}


def learning(**changed: list[bundles.Row]) -> bundles.Files:
    """The small school with one good row or two in each of the nine files."""
    return {**bundles.small(), **bundles.learning(), **changed}


@pytest.fixture
def standing_records(bring) -> None:
    bring(learning())


def test_good_rows_of_all_nine_files_are_imported(bring, rows):
    summary = bring(learning())

    assert {file.name for file in LEARNING} <= set(summary.files)
    assert not summary.rejects
    assert rows("from skills order by skill_id") == [
        ("count", "Counting", "math", "03", [], 2.0, 3.0, "practice"),
        ("fractions", "Fractions", "math", "04", ["count"], 3.5, 4.0, "reading"),
    ]
    assert rows("from items") == [("q1", ["fractions", "count"], "Pies", "What is ½ + ¼?", 2.0)]
    assert rows("from interactions order by all") == [
        ("ana", "q1", FIRST, True, 20.5, 1, 0),
        ("ben", "q1", FIRST, False, None, None, None),
    ]
    assert rows("from resources") == [
        ("r1", "Pies", "video", ["fractions"], "Cut a pie.", 2.0, 6.0, "https://r.example/1")
    ]
    assert rows("from ratings") == [("ana", "r1", FIRST, 5.0, 6.0, True)]
    assert rows("from study_sessions") == [
        ("s1", "ana", "fractions", FIRST, 1.5, "reading", "home", 3.0, 2.0, 1)
    ]
    assert rows("from learners") == [("ana", 12.0, "middle school", "visual", 25.0)]
    assert rows("from programs") == [("p1", "Mathematics", "State College", 2, 3.0, 0.4)]
    assert rows("from applications") == [
        ("a1", "ana", "p1", date(2026, 1, 10), "admitted")
        + (3.7, 1300.0, 100.0, 4.0, 4.5, True, 3.0, 12.0)
    ]


def test_each_file_is_known_once_it_came(bring, rows):
    bring({**bundles.small(), "skills": bundles.learning()["skills"]})

    known = dict(rows("from has_records"))

    assert known["skills"]
    assert not any(known[file.name] for file in LEARNING if file.name != "skills")


@pytest.fixture(scope="module")
def spoiled(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Summary, DuckDBPyConnection]]:
    """One import of the good rows and of a row for each of BAD, and some that come twice."""
    files = learning()
    for n, (file, column, value, _) in enumerate(BAD):
        row = {**files[file][0], column: value}
        if column != "sourcedId" and "sourcedId" in row:
            row["sourcedId"] = f"bad-{n}"
        files[file].append(row)
    for file in (each.name for each in LEARNING):
        files[file].append(files[file][0])
    folder = tmp_path_factory.mktemp("spoiled")
    settings = Settings(
        home=folder / "home", import_day=bundles.IMPORT_DAY, imports={"max_reject_rate": 1.0}
    )
    summary = ingest(settings, bundles.write(folder / "bundle", files))
    with snapshots.connect(settings) as con:
        yield summary, con


@pytest.mark.parametrize(("file", "column", "value", "reason"), BAD)
def test_a_bad_value_rejects_its_row(spoiled, file, column, value, reason) -> None:
    summary, con = spoiled
    told = f"{file}.{column}: {reason}"

    assert summary.rejects[told] == sum(
        each[:2] + each[3:] == (file, column, reason) for each in BAD
    )
    assert con.execute(f"select count(*) from {file}").fetchall() == [
        (len(bundles.learning()[file]),)
    ]


def test_every_row_is_imported_or_rejected(spoiled) -> None:
    summary, _ = spoiled

    for file in (each.name for each in LEARNING):
        bad = sum(each[0] == file for each in BAD) + 1
        good = len(bundles.learning()[file])
        assert summary.files[file] == {"read": good + bad, "imported": good, "rejected": bad}


def test_rejected_rows_are_kept_with_their_value_and_line(spoiled) -> None:
    _, con = spoiled

    found = con.execute(
        "select sourced_id, column_name, found, raw from rejects "
        "where file in ('interactions', 'programs') and reason in ('not 0 or 1', 'not 0 to 1') "
        "order by file"
    ).fetchall()

    answer, program = found
    assert answer == (None, "correct", ".5", "ana,q1,2026-01-05T10:00,.5,20.5,1,0")
    assert program[0].startswith("bad-") and program[1:3] == ("admit_rate", "40")


@pytest.mark.parametrize(
    "reason",
    [
        "interactions.answeredAt: duplicate student, item and time",
        "ratings.usedAt: duplicate student, resource and time",
        "learners.studentSourcedId: duplicate student",
        "applications.sourcedId: duplicate sourcedId",
    ],
)
def test_of_rows_of_one_key_the_first_counts(spoiled, reason) -> None:
    summary, _ = spoiled

    assert summary.rejects[reason] == 1


def test_times_are_the_districts_own(bring, rows):
    session = bundles.learning()["study_sessions"][0]
    came = [{**session, "sourcedId": n, "startedAt": at} for n, at in enumerate(TIMES)]

    bring(learning(study_sessions=came))

    found = rows("select started_at from study_sessions order by session_id::integer")
    assert [at for (at,) in found] == list(TIMES.values())


def test_another_time_zone_reads_the_same_bundle_anew(lenient, importing, tmp_path) -> None:
    bundle = bundles.write(tmp_path / "bundle", learning())
    importing(lenient, bundle)
    other = lenient.model_copy(update={"time_zone": "America/Chicago"})

    assert not importing(other, bundle).is_unchanged


def test_rows_that_a_file_does_not_name_stay_and_those_that_it_names_change(
    standing_records, bring, rows
):
    again = {**bundles.learning()["interactions"][0], "seconds": "9"}
    new = {**bundles.learning()["skills"][1], "sourcedId": "decimals"}

    bring({"interactions": [again], "skills": [new]}, properties={"file.skills": "bulk"})

    assert rows("select student_id, seconds from interactions order by 1") == [
        ("ana", 9.0),
        ("ben", None),
    ]
    assert rows("select skill_id from skills order by 1") == [
        ("count",),
        ("decimals",),
        ("fractions",),
    ]


def test_an_import_without_learning_files_leaves_them_as_they_were(standing_records, bring, rows):
    def counts() -> list[tuple[Any, ...]]:
        return [rows(f"from {file.name} order by all") for file in LEARNING]

    before = counts()

    bring({"attendance": [bundles.absence("ben", date(2025, 9, 15))]})

    assert counts() == before
    assert all(present for (present,) in rows("select present from has_records"))


def test_a_deletion_needs_only_the_key(standing_records, bring, rows):
    keys = {
        "interactions": ("studentSourcedId", "itemSourcedId", "answeredAt"),
        "ratings": ("studentSourcedId", "resourceSourcedId", "usedAt"),
        "learners": ("studentSourcedId",),
    }
    files = {}
    for name, (row, *_) in bundles.learning().items():
        key = {column: row[column] for column in keys.get(name, ("sourcedId",))}
        files[name] = [{**dict.fromkeys(row, ""), **key, "status": "ToBeDeleted"}]

    summary = bring(files)

    assert not summary.rejects
    left = {name: rows(f"select count(*) from {name}")[0][0] for name in files}
    assert left == {**dict.fromkeys(files, 0), "skills": 1}


def test_with_a_skill_goes_what_is_only_about_it(standing_records, bring, rows):
    bring({"skills": [{"sourcedId": "fractions", "title": "", "status": "tobedeleted"}]})

    assert rows("select skill_ids from items") == [(["count"],)]
    assert rows("select skill_ids from resources") == [([],)]
    assert rows("from study_sessions") == []
    assert rows("select count(*) from interactions") == [(2,)]

    bring({"skills": [{"sourcedId": "count", "title": "", "status": "tobedeleted"}]})

    assert rows("from items") == rows("from interactions") == []


def test_records_about_a_deleted_thing_go_with_it(standing_records, bring, rows):
    files = {}
    for name, key in (("items", "q1"), ("resources", "r1"), ("programs", "p1")):
        row = dict.fromkeys(bundles.learning()[name][0], "")
        files[name] = [{**row, "sourcedId": key, "status": "tobedeleted"}]

    bring(files)

    gone = ("interactions", "ratings", "applications")
    assert [rows(f"select count(*) from {name}") for name in gone] == [[(0,)]] * 3


def test_what_a_skill_needs_and_what_needs_it(bring, rows):
    count, fractions = bundles.learning()["skills"]
    (item,) = bundles.learning()["items"]
    files = learning(
        skills=[
            {**count, "prerequisiteSourcedIds": "fractions"},  # which needs it in turn
            fractions,
            {**fractions, "sourcedId": "x", "prerequisiteSourcedIds": "count, nothing, count"},
            {**fractions, "sourcedId": "bad", "difficulty": "99"},
        ],
        items=[item, {**item, "sourcedId": "q2", "skillSourcedIds": "count,bad"}],
    )

    summary = bring(files)

    assert summary.rejects["items.skillSourcedIds: rejected skill"] == 1
    assert rows("select skill_id, prerequisites from skills order by 1") == [
        ("count", ["fractions"]),
        ("fractions", ["count"]),
        ("x", ["count"]),
    ]
    assert sum("no such skill" in note for note in summary.notes) == 1
    (told,) = (note for note in summary.notes if "lead back to themselves" in note)
    assert "count → fractions" in told and "fractions → count" in told


def test_every_circle_of_prerequisites_is_named_up_to_three_and_the_rest_counted(bring):
    (count, _) = bundles.learning()["skills"]
    skills = [
        {**count, "sourcedId": f"{one}{at}", "prerequisiteSourcedIds": f"{other}{at}"}
        for at in range(5)
        for one, other in ("ab", "ba")
    ]

    summary = bring(learning(skills=[*bundles.learning()["skills"], *skills]))

    (told,) = (note for note in summary.notes if "lead back to themselves" in note)
    assert told.count(";") == 3 and "; 2 more)" in told
    assert told.endswith("take one prerequisite out of each circle.")


def test_figures_that_look_wrong_are_told_of_a_hundred_rows(bring, rows):
    def told(n_rows: int) -> list[str]:
        answer = {**bundles.learning()["interactions"][0], "seconds": "20500"}
        rating = bundles.learning()["ratings"][0]
        times = [f"2026-01-05T{n // 60:02}:{n % 60:02}" for n in range(n_rows)]
        files = learning(
            interactions=[{**answer, "answeredAt": at} for at in times],
            ratings=[{**rating, "usedAt": at} for at in times],
        )
        return [note for note in bring(files).notes if note.startswith(("inter", "rat"))]

    assert told(99) == []
    assert [note.split(".")[0] for note in sorted(told(100))] == ["interactions"] * 2 + ["ratings"]


def test_oneroster_has_a_table_of_resources_of_its_own(bring, rows):
    own = {"sourcedId": "x", "status": "active", "title": "", "vendorResourceId": "9"}

    summary = bring({**bundles.small(), "resources": [own]}, properties={"file.resources": "bulk"})

    assert not summary.rejects
    assert rows("from resources") == []
    assert any("licensed material" in note for note in summary.notes)
    assert "resources.csv" in summary.unread["files"]
