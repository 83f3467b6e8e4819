from edupulse_core.queries import classes
from edupulse_core.queries.district import District
from tests import people


def groups(section: classes.Section) -> dict[str, list[str]]:
    return {
        name: [row["student_id"] for row in getattr(section, name)]
        for name in ("changed", "missing_work", "fine")
    }


def test_a_section_says_who_changed_who_misses_work_and_who_is_fine(district: District) -> None:
    (english,) = classes.sections(people.teacher_english, district)

    assert english.title == "English 9" and english.n_students == 3
    assert groups(english) == {"changed": ["ana", "cy"], "missing_work": ["ben"], "fine": []}
    news = {row["student_id"]: row["news"] for row in english.changed}
    assert news["ana"] == "went from high to critical"
    assert news["cy"] == "went from medium to low; was absent 2 days this week"


def test_missing_work_is_of_that_section_only(district: District) -> None:
    (algebra,) = classes.sections(people.teacher_north, district)

    missing = {row["student_id"]: row["n_missing"] for row in algebra.changed + algebra.fine}
    assert missing["ben"] == 0


def test_an_incident_of_the_week_is_news(district: District) -> None:
    (biology,) = classes.sections(people.teacher_south, district)

    news = {row["student_id"]: row["news"] for row in biology.changed}
    assert "had 1 incident this week" in news["dee"]
    assert groups(biology)["fine"] == ["eli"]


def test_who_teaches_nothing_has_no_sections(district: District) -> None:
    assert classes.sections(people.counselor, district) == []
    assert classes.sections(people.steward, district) == []
