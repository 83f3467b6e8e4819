"""A teacher's sections, as the page counts and names their students."""

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from edupulse_core.config import REPOSITORY
from edupulse_core.people import access, trail
from edupulse_core.people.access import Viewer
from edupulse_core.queries import classes
from edupulse_core.queries.district import District
from tests.app.conftest import OpenApp, student_tables
from tests.queries.conftest import build_home

CLEAN = """
select student_id
from board
join board_classes using (student_id)
where class_id = $class_id and not (flag_a or flag_b or flag_c) and tier = 'low' and not uncertain
"""


def groups(app: AppTest) -> dict[str, list[dict[str, Any]]]:
    """The rows that the page shows, by group of the section."""
    tables = student_tables(app)
    return {label.rpartition(": ")[2]: table["rows"] for label, table in tables.items()}


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["id"] for row in rows}


def test_each_section_that_is_shown_is_noted_once(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    first, second = classes.sections(staff["teacher"], demo)[:2]
    app = open_app("teacher", "my_classes")
    before = trail.entries(demo.settings, action=trail.VIEW_LIST, subject="my classes")

    for section in (second, first, second):
        app.button_group(key="section").set_value(section.class_id).run()

    noted = trail.entries(demo.settings, action=trail.VIEW_LIST, subject="my classes")
    assert before[0].details["filters"] == {"class_id": first.class_id}
    assert len(noted) == len(before) + 1
    assert noted[0].details["filters"] == {"class_id": second.class_id}
    assert (noted[0].details["rows"], noted[0].details["whose"]) == (second.n_students, ["classes"])


def test_the_summary_counts_each_list_and_every_student_is_in_one(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    section = classes.sections(staff["teacher"], demo)[0]

    app = open_app("teacher", "my_classes")

    shown = groups(app)
    (said,) = [each.value for each in app.caption if "changed this week," in each.value]
    counted = re.findall(r"(\d+) (changed this week|missing work|at risk)", said)
    assert [int(n) for n, _ in counted] == [
        len(shown.get(name, [])) for name in ("changed", "missing work", "at risk")
    ]
    assert len({row["id"] for rows in shown.values() for row in rows}) == section.n_students
    apart = [row["id"] for name in ("watch", "fine") for row in shown.get(name, [])]
    asked = {row["id"] for name, rows in shown.items() if name not in ("watch", "fine")
             for row in rows}  # fmt: skip
    assert len(apart) == len(set(apart)) and asked.isdisjoint(apart)


def test_everybody_who_misses_work_is_in_that_list(open_app: OpenApp) -> None:
    shown = groups(open_app("teacher", "my_classes"))

    everybody = [row for rows in shown.values() for row in rows]
    missing = {row["id"] for row in everybody if int(row["missing"].split(" of ")[0]) >= 2}
    assert missing and ids(shown["missing work"]) == missing


def test_who_is_fine_has_no_flag_and_attends(open_app: OpenApp, demo: District) -> None:
    app = open_app("teacher", "my_classes")
    shown = groups(app)

    with access.cursor(demo.con) as cursor:
        given = {"class_id": app.session_state["section"]}
        clean = {row[0] for row in cursor.execute(CLEAN, given).fetchall()}
    elsewhere = ids(shown["changed"]) | ids(shown.get("missing work", []))
    assert shown["fine"] and ids(shown["fine"]) == clean - elsewhere
    assert shown["watch"] and not ids(shown["watch"]) & clean
    for row in shown["fine"]:
        assert row["tier"] == "low" and float(row["attendance"].removesuffix("%")) > 90
    (said,) = [each.value for each in app.caption if each.value.startswith("In none of the lists")]
    assert "attendance over 90%" in said


NO_ATTENDANCE = """
delete from attendance;
update has_records set present = false where name = 'attendance';
"""
NEW = """
delete from enrollment_spans where user_id = 'eli' and class_id = 'algebra-3';
update enrollment_spans set start_date = '2026-11-02' where user_id = 'eli';
delete from student_days where student_id = 'eli' and date < '2026-11-02';
insert into line_items values ('lab', 'Lab', 'biology-2', '2026-11-04', 0, 10);
insert into results
    (result_id, line_item_id, student_id, score_status, score, score_date)
    values ('r6', 'lab', 'eli', 'fully graded', 9, '2026-11-05');
"""


NONE, NO_GRADE = "not enough data: 0 of 4 school weeks", "no grade yet this school year"


@pytest.mark.parametrize(
    ("more", "reason", "names_attendance"),
    [
        (NO_ATTENDANCE, f"{NONE}; attendance was never imported; {NO_GRADE}", False),
        (NEW, "not enough data: 2 of 4 school weeks", True),
    ],
)
def test_who_is_not_known_to_be_fine_stands_apart_with_the_reason(
    more: str,
    reason: str,
    names_attendance: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build_home(tmp_path, more=more)
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=120)
    app.session_state["persona"] = "tina"
    app.run()

    assert [each.label for each in app.expander] == [
        f"**Not known yet: 1** · {reason}",
        "**Doing fine: 0**",
    ]
    tables = student_tables(app)
    assert ids(tables[f"Biology: unknown {reason}"]["rows"]) == {"eli"}
    for table in tables.values():
        heads = {column["label"] for column in table["columns"]}
        assert ({"Attendance", "20 weeks"} <= heads) == names_attendance
    said = [each for each in app.caption if each.value.startswith("Attendance: unknown.")]
    assert bool(said) != names_attendance
    assert not any("attendance over" in each.value for each in app.caption)
