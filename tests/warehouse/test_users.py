"""Who is still there: users who are disabled, inactive or no longer in the file."""

import pytest

from tests import bundles

ACTIVE = "select user_id, is_active from users order by 1"


def people(**more: str) -> list[bundles.Row]:
    """The small school's people, with more said of Tess."""
    ana, ben, tess = bundles.small()["users"]
    return [ana, ben, {**tess, **more}]


SAID = (
    ({"enabledUser": "true"}, True),
    ({"enabledUser": " Yes"}, True),
    ({"enabledUser": ""}, True),
    ({"enabledUser": "FALSE"}, False),
    ({"enabledUser": "0"}, False),
    ({"enabledUser": "disabled"}, False),
    ({"status": "active"}, True),
    ({"status": " Inactive "}, False),
    ({"status": "active", "enabledUser": "n"}, False),
)


def test_a_user_is_inactive_when_the_file_says_so(bring, rows):
    files = bundles.small()
    files["users"] += [
        {**bundles.user(f"u{n}", "Uma", "teacher"), **said} for n, (said, _) in enumerate(SAID)
    ]

    bring(files)

    found = dict(rows(ACTIVE))
    assert [found[f"u{n}"] for n in range(len(SAID))] == [is_active for _, is_active in SAID]


def test_whom_a_bulk_file_lacks_is_inactive_until_a_file_names_them_again(bring, rows):
    bring(bundles.small())

    told = bring({"users": people()[:2]}).notes
    lacking = rows(ACTIVE)
    bring({"attendance": []})
    later = rows(ACTIVE)
    bring({"users": people()[2:]}, properties={"file.users": "delta"})

    assert any(note.startswith("1 person is now inactive") for note in told)
    assert lacking == later == [("ana", True), ("ben", True), ("tess", False)]
    assert rows(ACTIVE) == [("ana", True), ("ben", True), ("tess", True)]


def test_whom_a_delta_lacks_stays_and_a_rejected_row_says_nothing(bring, rows):
    bring(bundles.small())

    bring({"users": people()[:1]}, properties={"file.users": "delta"})
    bring({"users": people(role="captain")})

    assert rows(ACTIVE) == [("ana", True), ("ben", True), ("tess", True)]


def test_an_inactive_student_keeps_the_records(bring, rows):
    bring(bundles.small())
    kept = "select count(*) from student_days where student_id = 'ana'"
    days = rows(kept)

    bring({"users": people()[1:]})

    assert rows(ACTIVE)[0] == ("ana", False)
    assert rows(kept) == days
    assert rows("select count(*) from attendance where student_id = 'ana'") == [(1,)]


@pytest.mark.parametrize("name", ["givenName", "familyName"])
def test_one_name_is_enough_and_none_is_not(bring, rows, name):
    files = bundles.small()
    files["users"][0][name] = ""
    files["users"][1] |= {"givenName": " ", "familyName": ""}

    bring(files)

    assert rows("select user_id from users order by 1") == [("ana",), ("tess",)]


def test_students_may_share_an_incident_and_each_counts_once(bring, rows):
    files = bundles.small()
    day = files["incidents"][0]["date"]
    files["incidents"] += [
        bundles.incident("i1", "ana", day, severity="4"),
        bundles.incident("i1", "ben", day, severity="5"),
    ]

    summary = bring(files)

    assert rows("select student_id, severity from incidents order by 1") == [("ana", 4), ("ben", 2)]
    assert list(summary.rejects.values()) == [1]
    bring({"incidents": [bundles.incident("i1", "ana", day, severity="1")]})
    assert rows("select student_id, severity from incidents") == [("ana", 1)]
