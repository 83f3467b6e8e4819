"""A teacher's sections, as the page counts and names their students."""

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from edupulse_core.config import REPOSITORY
from edupulse_core.people import access
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


def test_the_summary_says_how_it_counts_and_counts_everybody_once(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    section = classes.sections(staff["teacher"], demo)[0]

    app = open_app("teacher", "my_classes")

    (said,) = [each.value for each in app.caption if "changed," in each.value]
    assert "fine; each counts in the first of these that fits" in said
    counted = re.findall(
        r"(\d+) (changed|miss work|still at risk|to watch|not known yet|fine)", said
    )
    assert len(counted) == 6
    assert sum(int(n) for n, _ in counted) == section.n_students
    shown = [row["id"] for rows in groups(app).values() for row in rows]
    assert len(shown) == len(set(shown)) == section.n_students


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
        assert row["tier"] == "low" and float(row["attendance"].removesuffix(" %")) > 90
    (said,) = [each.value for each in app.caption if each.value.startswith("None of the lists")]
    assert "attended over 90 % of the days, no behaviour flag, no failed course" in said


NO_ATTENDANCE = """
delete from attendance;
update has_records set present = false where name = 'attendance';
"""
NEW = """
delete from enrollment_spans where user_id = 'eli' and class_id = 'algebra-3';
update enrollment_spans set start_date = '2026-11-02' where user_id = 'eli';
delete from student_days where student_id = 'eli' and date < '2026-11-02';
insert into line_items values ('lab', 'Lab', 'biology-2', '2026-11-04', 0, 10);
insert into results values ('r6', 'lab', 'eli', 'fully graded', 9, '2026-11-05');
"""


@pytest.mark.parametrize(
    ("more", "reason", "names_attendance"),
    [
        (NO_ATTENDANCE, "attendance was never imported; no mark yet this school year", False),
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
    app = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=60)
    app.session_state["persona"] = "tina"
    app.run()

    assert [each.label for each in app.expander] == [
        f"**Not known yet: 1** · {reason}",
        "**Fine: 0**",
    ]
    tables = student_tables(app)
    assert ids(tables[f"Biology: unknown {reason}"]["rows"]) == {"eli"}
    for table in tables.values():
        heads = {column["label"] for column in table["columns"]}
        assert ({"Attended", "20 weeks"} <= heads) == names_attendance
    said = "Attendance: unknown. Your district has imported no such records."
    assert (said in [each.value for each in app.caption]) != names_attendance
    assert not any("attended over" in each.value for each in app.caption)
