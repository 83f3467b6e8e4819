"""Data: what came in, what was refused and why, what is missing, for the data steward."""

import functools

import streamlit as st

from app import ui
from edupulse_core.people.access import Viewer
from edupulse_core.queries import data
from edupulse_core.queries.district import District


def imports(viewer: Viewer, district: District) -> None:
    st.subheader("Last imports", anchor=False)
    st.dataframe(
        data.imports(viewer, district),
        hide_index=True,
        height="content",
        column_config={
            "imported_at": st.column_config.DatetimeColumn("Came in", format="D MMM YYYY, HH:mm"),
            "import_day": st.column_config.DateColumn("Import day"),
            "bundle": "Bundle",
            "district": "District",
            "is_demo": "Demo",
            "calendar_assumed": st.column_config.CheckboxColumn(
                "Calendar assumed", help="No calendar came in: Monday to Friday count."
            ),
            "students": "Students",
            "weeks": "Weeks",
        },
        alt="Last imports",
    )


def files(viewer: Viewer, district: District) -> None:
    st.subheader("Rows by file", anchor=False)
    st.caption(f"Of the import of {ui.day(district.imported_at)}. Read = imported + rejected.")
    st.dataframe(
        data.files(viewer, district),
        hide_index=True,
        height="content",
        column_config={
            "file": "File",
            "present": "Came in",
            "read": st.column_config.NumberColumn("Read", format="localized"),
            "imported": st.column_config.NumberColumn("Imported", format="localized"),
            "rejected": st.column_config.NumberColumn("Rejected", format="localized"),
        },
        alt="Rows by file",
    )


def rejects(viewer: Viewer, district: District) -> None:
    st.subheader("Rejected rows", anchor=False)
    reasons = data.reject_reasons(viewer, district)
    if not len(reasons):
        st.success(
            f"No row of the import of {ui.day(district.imported_at)} was rejected.",
            icon=":material/check:",
        )
        return
    st.dataframe(
        reasons,
        hide_index=True,
        column_config={
            "file": "File",
            "column_name": "Column",
            "reason": "Reason",
            "n_rows": st.column_config.NumberColumn("Rows", format="localized"),
        },
        alt="Rejected rows by reason",
    )
    st.download_button(
        "Download the rejected rows",
        data=functools.partial(rejected_rows, viewer),
        file_name=f"rejected-{district.imported_at:%Y-%m-%d}.csv",
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


def rejected_rows(viewer: Viewer) -> bytes:
    """The file, made when it is asked for, for those who may still have it."""
    return data.rejected_rows(*ui.at_download(viewer, "rejected rows"))


def checks(viewer: Viewer, district: District) -> None:
    st.subheader("Quality checks", anchor=False)
    st.caption(f"As of the import of {ui.day(district.imported_at)}.")
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
        st.markdown(f"▲ **{item.what}** was not imported. {item.consequence}")
    feeds = data.silent_feeds(viewer, district)
    for feed in feeds:
        st.markdown(
            f"▲ **{feed['school']}** sent no attendance on {feed['n_days']} school days between "
            f"{ui.day(feed['first_day'])} and {ui.day(feed['last_day'])}: its attendance of those "
            "days is unknown."
        )
    if not lacking and not feeds:
        st.markdown(f"● Nothing, and no feed is silent, as of {ui.day(district.as_of)}.")


def undo(viewer: Viewer, district: District) -> None:
    st.subheader("Take the last import back", anchor=False)
    if not data.can_undo(viewer, district):
        st.caption("There is no earlier import to go back to.")
        return
    st.caption(
        "The warehouse before it stands again at once, for everyone. Scores made since then are "
        "not shown until `edupulse score` has run. Nothing that people wrote is lost."
    )
    shown = district.snapshot.version  # a tick or click meant for another import counts for nothing
    sure = st.checkbox(
        f"Take back the import of {ui.day(district.imported_at)}", key=f"undo_sure_{shown}"
    )
    if st.button("Take it back", disabled=not sure, icon=":material/undo:", key=f"undo_{shown}"):
        data.undo(viewer, district)
        st.rerun()


def page(viewer: Viewer, district: District) -> None:
    st.title("Data")
    st.caption(
        f"{district.name} · data came in {ui.day(district.imported_at)} · "
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
