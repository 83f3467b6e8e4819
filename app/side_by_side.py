"""Two versions beside each other: their evaluations, and who would change level."""

import streamlit as st

from app import blocks, ui
from edupulse_core.actions import jobs as acts
from edupulse_core.errors import MissingError, ModelError
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import models
from edupulse_core.queries.district import District
from edupulse_core.queries.level_changes import level_changes
from edupulse_core.queries.models import Version
from edupulse_core.reports import pair

TITLE = "Curves, calibration and importance, side by side"


def show(viewer: Viewer, district: District, serving: Version, other: Version) -> None:
    """Both evaluations, or a button for each that is missing."""
    with st.expander(TITLE, key=f"beside_{other.name}", on_change="rerun") as fold:
        if not fold.open:
            return
        reports = []
        for each in (serving, other):
            try:
                reports.append((each.name, models.evaluation(district.settings, each)))
            except MissingError:
                _evaluate(viewer, district, each)
            except ModelError as error:  # its file is damaged: evaluating it again mends that
                st.warning(ui.sentence(str(error)))
                _evaluate(viewer, district, each)
        if len(reports) < 2:
            return
        first, second = reports
        drawn = pair.blocks((first, second))
        if drawn:
            blocks.draw_all(drawn, f"beside_{other.name}")
        else:
            st.caption("The evaluations of this model have no curves to compare.")


def who_changes(viewer: Viewer, district: District, serving: str, other: Version) -> None:
    """The viewer's students whose level would be another one."""
    fold = st.expander("Who changes level", key=f"changes_{other.name}", on_change="rerun")
    if not fold.open:
        return
    with fold, st.spinner("Asking both versions about this week's students."):
        found = level_changes(viewer, district, other.family, serving, other.name)
        versions = {"from": serving, "to": other.name}
        ui.note_names(viewer, district, "level changes", len(found), versions)
        if not found:
            st.caption("None of your students.")
            return
        ui.table(
            "Who changes level",
            {
                "Student": [each.name for each in found],
                "Grade": [each.grade or "–" for each in found],
                serving: [each.before.capitalize() for each in found],
                other.name: [each.after.capitalize() for each in found],
            },
        )


def _evaluate(viewer: Viewer, district: District, missing: Version) -> None:
    """Say that a version was not evaluated, and offer to do it."""
    st.caption(f"{ui.plain(missing.name)} has no evaluation on this district's own weeks.")
    if st.button(f"Evaluate {missing.name}", key=f"evaluate_{missing.name}"):
        config = {"version": missing.name}
        acts.submit(person(viewer), district.settings, "evaluate", config, family=missing.family)
        st.success("The evaluation was started. The Jobs page shows how far it is.")
