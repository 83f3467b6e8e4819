"""Resources for a student: what they were given, what could come next, and giving it."""

from collections.abc import Callable
from urllib.parse import quote

import streamlit as st

from app import banner, ui
from edupulse_core.actions import assignments as giving
from edupulse_core.actions.resources import show_resources
from edupulse_core.actions.students import STUDENT_ROLES
from edupulse_core.errors import InputError, MissingError
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import assignments
from edupulse_core.queries.district import District
from edupulse_core.queries.recommended import Offer
from edupulse_core.queries.student import StudentRecord

OFFERED = 5
SAFE = "%:/?#[]@!$&'*+,;=~"  # of an address; a bracket would end the link in Markdown


def show(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What was given, and what could be, each with its reason and a button."""
    may_give = bool(viewer.roles & set(STUDENT_ROLES)) and shown.as_of == district.as_of
    given = assignments.of_student(shown)
    for each in given:
        with st.container(border=True):
            text, button = st.columns([5, 1], vertical_alignment="center")
            text.markdown(f"**{ui.plain(each.title)}**: {came_of(each)}")
            if may_give and button.button(
                "Take back", key=f"back_{each.given.assignment_id}", type="tertiary"
            ):
                try_to(
                    lambda each=each: giving.withdraw(
                        person(viewer), district, each.given.assignment_id
                    )
                )
    found, named = show_resources(
        person(viewer), district.settings, shown.student_id, as_of=shown.as_of
    )
    has = {each.given.resource_id for each in given}
    named = [each for each in named if each.resource_id not in has]
    if not named:
        st.info("There is nothing more to suggest for this student right now.")
        return
    for each in named[:OFFERED]:
        offer(viewer, district, shown, each, found.run_id, may_give=may_give)
    st.caption(
        "Suggested from what this student and others have used. Nothing is assigned until someone "
        "gives it."
    )


def came_of(each: assignments.Assigned) -> str:
    """When a resource was given, and whether it was used since."""
    said = f"given on {ui.day(each.on)}"
    if each.is_completed:
        return f"{said}, completed"
    return f"{said}, used on {ui.day(each.used_at)}" if each.used_at else f"{said}, not used yet"


def offer(
    viewer: Viewer,
    district: District,
    shown: StudentRecord,
    each: Offer,
    run_id: int,
    *,
    may_give: bool,
) -> None:
    """One resource: what it is, why, and the button that gives it."""
    about = [each.kind and each.kind.capitalize(), each.minutes and f"{each.minutes:.0f} min"]
    with st.container(border=True):
        text, button = st.columns([5, 1], vertical_alignment="center")
        title = ui.plain(each.title)
        named = f"[{title}]({quote(each.url, safe=SAFE)})" if each.url else title
        told = " · ".join(part for part in about if part)
        text.markdown(f"**{named}**  \n{told}  \n{ui.plain(each.reason)}")
        if may_give and button.button("Give", key=f"give_{each.resource_id}"):
            try_to(
                lambda: giving.assign(
                    person(viewer),
                    district,
                    shown.student_id,
                    each.resource_id,
                    run_id=run_id or None,
                )
            )


def try_to(act: Callable[[], object]) -> None:
    """Do something and draw again; if somebody else was faster, what they did is seen then."""
    try:
        act()
    except (InputError, MissingError) as error:
        st.toast(banner.sentence(error))
    st.rerun()
