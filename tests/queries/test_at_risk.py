from pathlib import Path

import pytest

from edupulse_core.actions.students import export_list
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import at_risk
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District, open_district
from tests import people
from tests.queries.conftest import build_home


def names(viewer: Viewer, district: District, **filters: object) -> list[str]:
    page = at_risk.students(viewer, district, Filters(**filters))  # type: ignore[arg-type]
    return page.rows["student_id"].to_pylist()


@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        (people.counselor, ["ana", "dee"]),
        (people.teacher_north, ["ana", "ben", "fay"]),
        (people.teacher_south, ["dee", "eli"]),
        (people.principal_north, ["ana", "ben", "cy", "fay"]),
        (people.district_lead, ["ana", "dee", "ben", "eli", "cy", "fay"]),
        (people.steward, []),
    ],
    ids=lambda value: value.user_id if isinstance(value, Viewer) else "",
)
def test_each_role_sees_its_students_by_risk(
    viewer: Viewer, expected: list[str], district: District
) -> None:
    assert names(viewer, district) == expected


def test_whoever_is_gone_is_on_no_list(tmp_path: Path) -> None:
    settings = build_home(
        tmp_path, more="update users set is_active = false where user_id in ('ana', 'una');"
    )

    shown = open_district(settings)

    assert "ana" not in names(people.district_lead, shown)
    assert "ben" in names(people.district_lead, shown)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"tiers": ("critical", "high")}, ["ana", "dee"]),
        ({"tiers": ("unscored",)}, ["fay"]),
        ({"grade": "9"}, ["dee", "eli"]),
        ({"school": "south"}, ["dee", "eli"]),
        ({"driver": "att"}, ["ana", "cy"]),
        ({"driver": "grd_gpa_ytd"}, ["eli"]),
        ({"class_id": "english-1"}, ["ana", "ben", "cy"]),
        ({"text": "ALV"}, ["ana"]),
        ({"text": "%"}, []),
        ({"text": "' or 1=1 --"}, []),
        ({"sort": "name"}, ["ana", "ben", "cy", "dee", "eli", "fay"]),
        ({"sort": "change", "tiers": ("critical", "high", "low")}, ["dee", "ana", "eli", "cy"]),
        ({"flags": (2,)}, ["ana"]),
    ],
    ids=str,
)
def test_filters_and_sorting(
    filters: dict[str, object], expected: list[str], district: District
) -> None:
    assert names(people.district_lead, district, **filters) == expected


def test_a_filter_never_widens_what_a_viewer_sees(district: District) -> None:
    assert names(people.counselor, district, class_id="english-1") == ["ana"]
    assert names(people.teacher_north, district, school="south") == []


def test_counts_say_what_changed_since_last_week(district: District) -> None:
    counts = at_risk.counts(people.district_lead, district)

    assert counts.n_students == 6
    assert counts.tiers == {"low": 2, "medium": 1, "high": 1, "critical": 1}
    assert counts.before == {"low": 2, "medium": 2, "high": 1, "critical": 0}
    assert counts.unscored == 1


def test_choices_are_only_those_of_the_viewers_students(district: District) -> None:
    choices = at_risk.choices(people.counselor, district)

    assert list(choices["grade"]) == ["8", "9"]
    assert set(choices["class"]) == {"algebra-3", "english-1", "biology-2"}
    assert choices["class"]["algebra-3"] == "Algebra 1, period 3"
    assert "att" in choices["driver"] and "grd" not in choices["driver"]
    assert at_risk.choices(people.teacher_south, district)["school"] == {
        "south": "South High School"
    }


GRADES = """
update users set grade = case user_id
    when 'ana' then 'UG' when 'ben' then '10' when 'cy' then 'KG' when 'dee' then 'PK'
    when 'eli' then '09' else null end
where user_id in ('ana', 'ben', 'cy', 'dee', 'eli', 'fay');
"""


def test_grades_are_chosen_from_the_youngest_up(tmp_path: Path) -> None:
    district = open_district(build_home(tmp_path, more=GRADES))

    choices = at_risk.choices(people.district_lead, district)["grade"]

    assert list(choices) == ["PK", "KG", "9", "10", "UG"]


ALIKE = """
insert into orgs values ('east', 'North Middle School', 'school', 'district');
insert into classes (class_id, title, course_id, school_id, term_ids, periods)
    select class_id, 'Alg 3', 'algebra', school_id, ['fall'], '3'
    from (values ('algebra-3b', 'north'), ('algebra-3c', 'north'), ('algebra-3d', 'south'),
        ('algebra-3e', 'east')) as more (class_id, school_id);
insert into enrollment_spans
    select user_id, role, class_id, school_id, 'algebra', date '2026-08-17', date '2026-12-19'
    from (values
        ('una', 'teacher', 'algebra-3b', 'north'), ('tina', 'teacher', 'algebra-3c', 'north'),
        ('tina', 'teacher', 'algebra-3d', 'south'), ('tina', 'teacher', 'algebra-3e', 'east'),
        ('ana', 'student', 'algebra-3b', 'north'), ('ana', 'student', 'algebra-3c', 'north'),
        ('dee', 'student', 'algebra-3d', 'south'), ('dee', 'student', 'algebra-3e', 'east'))
        as more (user_id, role, class_id, school_id);
"""


def test_classes_of_the_same_name_are_told_apart_by_teacher_then_school_then_number(
    tmp_path: Path,
) -> None:
    district = open_district(build_home(tmp_path, more=ALIKE))

    choices = at_risk.choices(people.counselor, district)["class"]

    assert choices == {
        "algebra-3": "Algebra 1, period 3, Tom North",
        "algebra-3b": "Algebra 1, period 3, Una Page",
        "algebra-3c": "Algebra 1, period 3, Tina South, North Middle School (algebra-3c)",
        "algebra-3d": "Algebra 1, period 3, Tina South, South High School",
        "algebra-3e": "Algebra 1, period 3, Tina South, North Middle School (algebra-3e)",
        "biology-2": "Biology",
        "english-1": "English 9",
    }


TAUGHT_BY_SIX = """
insert into enrollment_spans
    select user_id, 'teacher', 'algebra-3', 'north', 'algebra', date '2026-08-17', date '2026-12-19'
    from users
    where user_id in ('una', 'tina', 'cora', 'paul', 'stan')
    order by user_id desc;
"""


def test_the_teachers_of_a_class_stand_in_one_order(tmp_path: Path) -> None:
    district = open_district(build_home(tmp_path, more=ALIKE + TAUGHT_BY_SIX))

    label = at_risk.choices(people.counselor, district)["class"]["algebra-3"]

    taught = label.removeprefix("Algebra 1, period 3, ").split(" and ")
    assert len(taught) == 6 and taught == sorted(taught)


def test_a_page_beyond_the_last_shows_the_last(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_risk, "PAGE", 4)

    page = at_risk.students(people.district_lead, district, Filters(), 9)

    assert (page.page, page.n_pages, page.n_matching) == (2, 2, 6)
    assert page.rows["student_id"].to_pylist() == ["cy", "fay"]


def test_the_rows_carry_the_indicators_as_people_read_them(district: District) -> None:
    page = at_risk.students(people.counselor, district, Filters())
    ana = at_risk.for_screen(page, district.settings)[0]

    assert ana["name"] == "Ana Alvarez" and ana["grade"] == "8"
    assert ana["tier"] == "critical" and ana["change"] == 0.22
    assert (ana["flags"].a, ana["flags"].b, ana["flags"].c) == (True, False, True)
    assert ana["courses_failing"] == 1
    assert len(ana["attendance_weeks"]) == 13
    assert ana["factor"] == "↑ Attended none of this school year"


def test_who_is_uncertain_is_said_and_nobody_whose_probabilities_are_unknown(
    district: District,
) -> None:
    page = at_risk.students(people.district_lead, district, Filters())

    uncertain = {row["student_id"] for row in page.rows.to_pylist() if row["uncertain"]}
    assert uncertain == {"ben"}
    assert page.rows["uncertain"].null_count == 0
    lines = export_list(person(people.district_lead), district, Filters()).decode().splitlines()
    place = lines[0].split(",").index("uncertain")
    assert [line.split(",")[place] for line in lines if line.startswith("ben,")] == ["True"]


def test_chronic_absence_and_nearly_chronic_absence_are_told_apart(tmp_path: Path) -> None:
    days = """
        insert into attendance
            select student_id || date, student_id, date, 'absent', 'excused', null, null
            from student_days where student_id in ('ben', 'eli')
            qualify row_number() over (partition by student_id order by date) <= 6;
        insert into attendance
            select student_id || date, student_id, date, 'partial', 'excused', null, minutes
            from student_days
            join (values ('ben', 200), ('eli', 130)) as late (student_id, minutes)
                using (student_id)
            qualify row_number() over (partition by student_id order by date) = 7
    """
    district = open_district(build_home(tmp_path, more=days))

    rows = at_risk.students(people.district_lead, district, Filters()).rows.to_pylist()

    found = {row["student_id"]: (row["flag_a"], row["attendance"]) for row in rows}
    assert (found["ben"], found["eli"]) == ((True, 0.898), (False, 0.901))


def test_an_export_holds_the_filtered_rows_and_leaves_a_trace(
    home: Settings, district: District
) -> None:
    text = export_list(person(people.counselor), district, Filters(grade="8")).decode("utf-8-sig")

    lines = text.strip().splitlines()
    assert lines[0].startswith("student_id,name,grade") and len(lines) == 2
    assert lines[1].startswith("ana,Ana Alvarez,8") and lines[1].endswith("2026-11-15")
    noted = trail.entries(home, actor=people.counselor.sign_in, action=trail.EXPORT)[0]
    assert noted.details["rows"] == 1 and noted.details["filters"] == {"grade": "8"}


def test_who_sees_no_students_exports_none(district: District) -> None:
    with pytest.raises(AccessError):
        export_list(person(people.steward), district, Filters())


def test_without_a_scoring_the_list_is_sorted_by_the_plain_rule_and_shows_no_score(
    tmp_path: Path,
) -> None:
    district = open_district(build_home(tmp_path))

    page = at_risk.students(people.district_lead, district, Filters(sort="risk"))

    assert district.standing.run is None
    assert "No scores yet" in district.standing.problems[0]
    assert page.rows["student_id"].to_pylist()[:2] == ["ana", "dee"]
    assert page.rows["risk_score"].null_count == page.n_matching
    assert at_risk.counts(people.district_lead, district).flags == {"a": 1, "b": 1, "c": 1}
    exported = export_list(person(people.district_lead), district, Filters())
    assert b"risk_score" not in exported and b"uncertain" not in exported
