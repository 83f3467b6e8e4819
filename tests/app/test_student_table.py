"""What a browser may send of the table of students."""

from typing import Any

import pytest

from app import student_table


@pytest.mark.parametrize(
    ("sent", "kept"), [("ana", "ana"), (["ana"], None), (None, None), (7, None)]
)
def test_only_a_text_opens_a_student_or_sorts(
    sent: object, kept: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    state: dict[str, Any] = {"table": {"open": sent, "sort": sent}}
    sorts: list[str] = []
    monkeypatch.setattr(student_table.st, "session_state", state)

    student_table._open("table")
    student_table._sort("table", sorts.append)

    assert state.get("clicked_student") == kept
    assert sorts == ([] if kept is None else [kept])
