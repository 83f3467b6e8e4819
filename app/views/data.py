"""Data: what was imported, what was rejected and why, what is missing, for the data steward."""

import functools
from datetime import datetime

import streamlit as st

from app import exports, ui
from edupulse_core.actions.imports import download_rejects, show_rejects, undo_import
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import data
from edupulse_core.queries.district import District

CALENDAR = {False: "imported", True: "assumed: Monday to Friday"}
UNDONE = "undone"  # the moment of the import that was undone, until the page has said so


def moment(at: datetime) -> str:
    """A day and a time, which tells imports of the same minute apart."""
    return f"{ui.day(at)}, {at:%H:%M:%S} UTC"


def imports(viewer: Viewer, district: District) -> None:
    st.header("Recent imports", anchor=False)
    st.caption("Newest first, with the totals after each import. Times are in UTC.")
    came = data.imports(viewer, district).to_pylist()
    ui.table(
        "Recent imports",
        {
            "Imported": [moment(row["imported_at"]) for row in came],
            "Students": [f"{row['students']:,}" for row in came],
            "Weeks": [f"{row['weeks']:,}" for row in came],
            "Bundle": [row["bundle"] for row in came],
            "District": [
                (row["district"] or "–") + (" (fictional)" if row["is_demo"] else "")
                for row in came
            ],
            "Import day": [ui.day(row["import_day"]) for row in came],
            "Calendar": [CALENDAR[row["calendar_assumed"]] for row in came],
        },
    )


def files(viewer: Viewer, district: District) -> None:
    st.header("Rows by file", anchor=False)
    st.caption(
        f"From the import of {moment(district.imported_at)}. Rows read are rows imported plus rows "
        "rejected."
    )
    every = data.files(viewer, district).to_pylist()
    came = [row for row in every if row["present"]]
    names = ("read", "imported", "rejected")
    ui.table(
        "Rows by file",
        {
            "File": [row["file"] for row in came],
            **{name.capitalize(): [f"{row[name]:,}" for row in came] for name in names},
        },
    )
    others = [row["file"] for row in every if not row["present"]]
    if absent := [file for file in others if file not in data.LEARNING]:  # these come below
        st.caption(f"Not in this import: {', '.join(absent)}.")


def rejects(viewer: Viewer, district: District) -> None:
    """The rejected rows of the last import, and of earlier imports whose rows are still kept."""
    st.header("Rejected rows", anchor=False)
    labels: dict[str | None, str] = {}
    if len(data.reject_reasons(viewer, district)):
        labels[None] = f"The last import: {moment(district.imported_at)}"
    else:
        st.success(
            f"No rows were rejected in the import of {moment(district.imported_at)}.",
            icon=":material/check:",
        )
    kept = {one.import_id: one for one in data.rejecting_imports(viewer, district)}
    kept.pop(district.snapshot.version, None)
    labels |= {
        name: f"{moment(one.at)} · {one.bundle} · {one.outcome}" for name, one in kept.items()
    }
    if not labels:
        return
    chosen = next(iter(labels))
    if kept:
        chosen = st.selectbox("Import", list(labels), format_func=labels.__getitem__)
    if chosen and kept[chosen].refusal:
        st.warning(f"The whole import was refused: {ui.plain(kept[chosen].refusal)}")
    _rejects_of(viewer, district, chosen)


def _rejects_of(viewer: Viewer, district: District, chosen: str | None) -> None:
    st.caption(f"By reason, most rows first; up to {data.MOST_REASONS} reasons.")
    reasons = data.reject_reasons(viewer, district, chosen).to_pylist()
    ui.table(
        "Rejected rows by reason",
        {
            "Reason": [row["reason"] for row in reasons],
            "File": [row["file"] for row in reasons],
            "Column": [row["column_name"] or "–" for row in reasons],
            "Rows": [f"{row['n_rows']:,}" for row in reasons],
        },
    )
    if data.sees_lines(viewer) and st.button("Show the first rows", icon=":material/visibility:"):
        shown = show_rejects(person(viewer), district, chosen)
        ui.table(
            "First rejected rows",
            {
                "Row": [f"{row['file']}, row {row['row_number']:,}" for row in shown],
                "sourcedId": [row["sourced_id"] or "–" for row in shown],
                "Column": [row["column_name"] or "–" for row in shown],
                "Found": [row["found"] or "–" for row in shown],
                "Reason": [row["reason"] for row in shown],
            },
        )
    exports.button(
        "Download rejected rows",
        "rejected rows",
        functools.partial(download_rejects, import_id=chosen),
        name=f"rejected-{chosen or format(district.imported_at, '%Y-%m-%d')}.csv",
        kind="text/csv",
    )
    line = (
        "with the sourcedId, the value found and the original line"
        if data.sees_lines(viewer)
        else "without values, which only people who may see students can read"
    )
    st.caption(
        f"The file lists file, row, column and reason, {line}. Fix the rows in your student "
        "information system and import again. Each download is recorded in the audit trail."
    )


def checks(viewer: Viewer, district: District) -> None:
    st.header("Quality checks", anchor=False)
    st.caption(f"As of the import of {moment(district.imported_at)}.")
    found = data.findings(viewer, district)
    for finding in found:
        if finding.n:
            st.markdown(f"▲ **{finding.n:,}** {finding.sentence}")
    passed = sum(not finding.n for finding in found)
    st.markdown(f"● {passed} of {len(found)} checks passed.")


def missing(viewer: Viewer, district: District) -> None:
    st.header("Missing data", anchor=False)
    lacking = data.missing(viewer, district)
    for item in lacking:
        st.markdown(f"▲ **{item.what.capitalize()}**: {item.consequence}")
    feeds = data.silent_feeds(viewer, district)
    for feed in feeds:
        st.markdown(
            f"▲ **{ui.plain(feed['school'])}** sent no attendance for {feed['n_days']} school days "
            f"from {ui.day(feed['first_day'])} to {ui.day(feed['last_day'])}. Attendance on those "
            "days is unknown."
        )
    unsent = data.unsent(viewer, district)
    for row in unsent:
        st.markdown(f"▲ **{ui.plain(row['school'])}** {row['words']}")
    grades = data.silent_marks(viewer, district)
    for school in grades:
        st.markdown(
            f"▲ **{ui.plain(school.school)}** has sent no grades since "
            f"{ui.day(school.last_mark)}, {school.n_days} school days ago. Grades on the pages are "
            "from before."
        )
    if not lacking and not feeds and not unsent and not grades:
        st.markdown(
            "● Nothing is missing, and every school is sending data, as of "
            f"{ui.day(district.as_of)}."
        )


def students(one: data.LearningFile) -> str:
    """How many students the rows of a file are about; a few of them could be told apart."""
    if one.students is None:
        return "–"
    return ui.HIDDEN if 0 < one.students < data.SMALLEST else f"{one.students:,}"


def learning(viewer: Viewer, district: District) -> None:
    """The nine optional files: what stands of each, and what needs those that never came."""
    st.header("Learning records", anchor=False)
    every = data.learning_files(viewer, district)
    came = [one for one in every if one.n_rows is not None]
    if not came:
        st.caption(
            f"None has been imported yet. A bundle may bring {', '.join(one.file for one in every)}"
            "; data/README.md has their columns. None of them enters the risk score."
        )
        return
    st.caption("Rows in use, from this import and earlier ones.")
    ui.table(
        "Learning records",
        {
            "File": [one.file for one in came],
            "Rows": [f"{one.n_rows:,}" for one in came],
            "Students": [students(one) for one in came],
            "Newest record": ["–" if one.newest is None else ui.day(one.newest) for one in came],
        },
    )
    for one in every:
        if one.n_rows is None:
            st.markdown(f"▲ **{one.file}** never came. Needed for: {one.needed_for}.")


def undo(viewer: Viewer, district: District) -> None:
    st.header("Undo the last import", anchor=False)
    if undone := st.session_state.pop(UNDONE, None):
        st.success(f"The import of {undone} was undone.", icon=":material/check:")
    if not data.can_undo(viewer, district):
        st.caption(
            "There is no earlier import to go back to. If this one is wrong, whoever runs EduPulse "
            "can import the right files with `edupulse ingest BUNDLE --replace`."
        )
        return
    st.caption(
        "Undo: everyone sees the previous data, with its own scores. Where it has none, run "
        "`edupulse score`. Nothing that people wrote is lost."
    )
    shown = district.snapshot.version  # a tick or click meant for another import counts for nothing
    sure = st.checkbox(
        f"Undo the import of {moment(district.imported_at)}", key=f"undo_sure_{shown}"
    )
    if st.button("Undo", disabled=not sure, icon=":material/undo:", key=f"undo_{shown}"):
        undo_import(person(viewer), district.settings, shown=shown)
        st.session_state[UNDONE] = moment(district.imported_at)
        st.rerun()


def page(viewer: Viewer, district: District) -> None:
    st.title("Data", anchor=False)
    st.caption(
        f"{ui.plain(district.name)} · as of {ui.day(district.as_of)} · "
        f"updated {ui.short_day(district.imported_at)}"
    )
    ui.warn_of(district, "Until then the pages show the records alone.")
    imports(viewer, district)
    files(viewer, district)
    rejects(viewer, district)
    checks(viewer, district)
    missing(viewer, district)
    learning(viewer, district)
    undo(viewer, district)


ui.left_student()
page(*ui.looking())
