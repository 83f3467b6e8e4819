"""Data: what came in, what was refused and why, what is missing, for the data steward."""

import functools
from datetime import datetime

import streamlit as st

from app import ui
from edupulse_core.actions.imports import download_rejects, undo_import
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import data
from edupulse_core.queries.district import District

CALENDAR = {False: "came in", True: "assumed: Monday to Friday count"}
TAKEN_BACK = "taken_back"  # the moment of the import, until the page has said so


def moment(at: datetime) -> str:
    """A day and a time of it, for imports of one minute."""
    return f"{ui.day(at)}, {at:%H:%M:%S} UTC"


def imports(viewer: Viewer, district: District) -> None:
    st.subheader("Last imports", anchor=False)
    st.caption("Newest first; what stands after each. Times are UTC.")
    came = data.imports(viewer, district).to_pylist()
    ui.table(
        "Last imports",
        {
            "Came in": [moment(row["imported_at"]) for row in came],
            "Students": [f"{row['students']:,}" for row in came],
            "Weeks": [f"{row['weeks']:,}" for row in came],
            "Bundle": [row["bundle"] + (" (demo)" if row["is_demo"] else "") for row in came],
            "District": [row["district"] or "–" for row in came],
            "Import day": [ui.day(row["import_day"]) for row in came],
            "Calendar": [CALENDAR[row["calendar_assumed"]] for row in came],
        },
    )


def files(viewer: Viewer, district: District) -> None:
    st.subheader("Rows by file", anchor=False)
    st.caption(
        f"Of the import of {moment(district.imported_at)}. Read = imported + rejected; a dash is a "
        "file that did not come in."
    )
    came = data.files(viewer, district).to_pylist()
    names = ("read", "imported", "rejected")
    ui.table(
        "Rows by file",
        {
            "File": [row["file"] for row in came],
            **{
                name.capitalize(): [f"{row[name]:,}" if row["present"] else "–" for row in came]
                for name in names
            },
        },
    )


def rejects(viewer: Viewer, district: District) -> None:
    """The rejected rows of the last import, and of others whose rows are still kept."""
    st.subheader("Rejected rows", anchor=False)
    labels: dict[str | None, str] = {}
    if len(data.reject_reasons(viewer, district)):
        labels[None] = f"The last import, of {moment(district.imported_at)}"
    else:
        st.success(
            f"No row of the import of {moment(district.imported_at)} was rejected.",
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
        chosen = st.selectbox("Of the import", list(labels), format_func=labels.__getitem__)
    if chosen and kept[chosen].refusal:
        st.warning(f"Refused as a whole: {ui.plain(kept[chosen].refusal)}")
    _rejects_of(viewer, district, chosen)


def _rejects_of(viewer: Viewer, district: District, chosen: str | None) -> None:
    st.caption(f"By reason, the most rows first; {data.MOST_REASONS} at most.")
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
    st.download_button(
        "Download the rejected rows",
        data=functools.partial(rejected_rows, viewer, chosen),
        file_name=f"rejected-{chosen or format(district.imported_at, '%Y-%m-%d')}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    line = (
        "the line as it was read"
        if data.sees_lines(viewer)
        else "the line as it was read (hidden: needs a role that sees students)"
    )
    st.caption(
        f"With file, row, column, reason and {line}. Fix them at the source and import again. The "
        "download is written to the audit trail."
    )


def rejected_rows(viewer: Viewer, chosen: str | None) -> bytes:
    """The file, made when it is asked for, for those who may still have it."""
    asking, now = ui.at_download(viewer, "rejected rows")
    return download_rejects(person(asking), now, chosen)


def checks(viewer: Viewer, district: District) -> None:
    st.subheader("Quality checks", anchor=False)
    st.caption(f"As of the import of {moment(district.imported_at)}.")
    found = data.findings(viewer, district)
    for finding in found:
        if finding.n:
            st.markdown(f"▲ **{finding.n:,}** {finding.sentence}")
    passed = sum(not finding.n for finding in found)
    st.markdown(f"● {passed} of {len(found)} checks found nothing to do.")


def missing(viewer: Viewer, district: District) -> None:
    st.subheader("What is missing", anchor=False)
    lacking = data.missing(viewer, district)
    for item in lacking:
        st.markdown(f"▲ **{item.what.capitalize()}**: {item.consequence}")
    feeds = data.silent_feeds(viewer, district)
    for feed in feeds:
        st.markdown(
            f"▲ **{ui.plain(feed['school'])}** sent no attendance on {feed['n_days']} school days "
            f"between {ui.day(feed['first_day'])} and {ui.day(feed['last_day'])}: its attendance "
            "of those days is unknown."
        )
    marks = data.silent_marks(viewer, district)
    for school in marks:
        st.markdown(
            f"▲ **{ui.plain(school.school)}** has no mark since {ui.day(school.last_mark)}, in "
            f"{school.n_days} school days: marks shown since then are older."
        )
    if not lacking and not feeds and not marks:
        st.markdown(f"● Nothing, and no feed is silent, as of {ui.day(district.as_of)}.")


def undo(viewer: Viewer, district: District) -> None:
    st.subheader("Take the last import back", anchor=False)
    if taken := st.session_state.pop(TAKEN_BACK, None):
        st.success(f"The import of {taken} was taken back.", icon=":material/check:")
    if not data.can_undo(viewer, district):
        st.caption("There is no earlier import to go back to.")
        return
    st.caption(
        "The warehouse before it stands again at once, for everyone, with its own scores; where it "
        "has none, run `edupulse score`. Nothing that people wrote is lost."
    )
    shown = district.snapshot.version  # a tick or click meant for another import counts for nothing
    sure = st.checkbox(
        f"Take back the import of {moment(district.imported_at)}", key=f"undo_sure_{shown}"
    )
    if st.button("Take it back", disabled=not sure, icon=":material/undo:", key=f"undo_{shown}"):
        undo_import(person(viewer), district.settings, shown=shown)
        st.session_state[TAKEN_BACK] = moment(district.imported_at)
        st.rerun()


def page(viewer: Viewer, district: District) -> None:
    st.title("Data", anchor=False)
    st.caption(
        f"{ui.plain(district.name)} · data came in {ui.day(district.imported_at)} · "
        f"as of {ui.day(district.as_of)}"
    )
    ui.warn_of(district, "Until then the pages show the plain indicators.")
    imports(viewer, district)
    files(viewer, district)
    rejects(viewer, district)
    checks(viewer, district)
    missing(viewer, district)
    undo(viewer, district)


ui.left_student()
page(*ui.looking())
