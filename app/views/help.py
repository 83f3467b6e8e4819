"""Help: how to read each number, and the model card in plain words, for everyone."""

import streamlit as st

from app import demo_door, ui
from edupulse_core.families.risk import responses
from edupulse_core.queries import guide
from edupulse_core.queries.district import District
from edupulse_core.queries.small_cells import SMALLEST

MEANS = {
    "low": "No flag is likely.",
    "medium": "About one flag is likely.",
    "high": "About two flags are likely.",
    "critical": "Three flags, or leaving school, are likely.",
}


def score(district: District) -> None:
    settings = district.settings
    rules = settings.outcomes
    st.subheader("The risk score", anchor=False)
    st.markdown(
        f"The score says how much trouble to expect in the next **{rules.horizon_weeks} school "
        "weeks**, from 0 to 1. It looks at the last 20 school weeks and weighs three flags:\n\n"
        f"- **A, attendance** ({rules.weight_a:g}): absent on "
        f"{ui.percent(settings.attendance.chronic_rate)} of days or more.\n"
        f"- **B, behaviour** ({rules.weight_b:g}): any removal from class, or {rules.incidents} "
        "incidents or more.\n"
        f"- **C, courses** ({rules.weight_c:g}): a course under "
        f"{ui.percent(settings.grades.failing_below)}.\n\n"
        "Leaving school counts as 1. A score is an expectation over many students, not a verdict "
        "on one: it sorts a list, and a person decides. Race, ethnicity, sex, language, disability "
        "and meal status never enter the model."
    )
    edges = (0.0, *rules.tiers, 1.0)
    lines = [
        f"- **{ui.tier(name)}** ({low:g} to {high:g}): {MEANS[name]} "
        f"*{responses.RESPONSES[name][0]}.*"
        for name, low, high in zip(reversed(ui.TIERS), edges, edges[1:], strict=False)
    ]
    exact, shown = guide.cut_score(district)
    st.markdown(
        "Its band is the tier, and each tier has a response:\n\n" + "\n".join(lines) + "\n\n"
        f"A score is cut to two digits, not rounded: {exact} shows {shown}, so "
        "that none reads as a tier that it has not reached."
    )
    st.markdown(
        f"{ui.tier(None)}: fewer than {rules.min_history_weeks} school weeks are known, so there "
        "is no score, only the plain indicators. The **plain ABC rule** raises the same flags by "
        "this year's numbers so far, without any model."
    )


def words(district: District) -> None:
    st.subheader("Words on the pages", anchor=False)
    st.markdown(
        "- **As of**: the last day that a number knows of. Later events are not in it.\n"
        "- **Change**: this week's score less last week's, by the same model.\n"
        f"- **Uncertain**: {ui.UNCERTAIN[0].lower()}{ui.UNCERTAIN[1:]}\n"
        "- **Factor**: a number of this student that weighed most in the score, with the school's "
        "typical value (median) beside it. A factor is not a cause. There are five at most; "
        f"*{ui.NO_REASON.lower()}* where none held when it was tried alone and left out.\n"
        "- **Days**: a day missed in part counts as that part: 2.7 days may be two whole days and "
        "most of a third.\n"
        "- **Attention**: which weeks the model looked at. **What moved the score**: how far each "
        "number of each week pushed it up or down, against a typical student of the school.\n"
        "- **Unknown**: nothing was recorded. It is never read as zero.\n"
        f"- **Not shown**: a number of an earlier year that would tell of fewer than {SMALLEST} "
        "students whom you may no longer open by name, and the sum over schools that it is part of."
    )


def numbers(district: District) -> None:
    st.subheader("The 42 numbers", anchor=False)
    st.caption(
        "Each with an example, and its name in files. The values in the examples are made up."
    )
    found = guide.readings(district)
    for modality in dict.fromkeys(reading.modality for reading in found):
        of_kind = [reading for reading in found if reading.modality == modality]
        with st.expander(f"{modality.capitalize()}: {len(of_kind)} numbers"):
            if not of_kind[0].known:
                st.info("Unknown here: your district has imported no such records.")
            st.markdown(
                "\n".join(f"- **{one.label}**: {one.example}. `{one.name}`" for one in of_kind)
            )


def model(district: District) -> None:
    st.subheader("The model", anchor=False)
    card = guide.model_card(district)
    if card is None:
        st.info("No risk model can be used, so the pages show the plain indicators only.")
        return
    st.markdown(
        "It compares the last 20 weeks of a student's attendance, marks and incidents with what "
        "came of many other students' weeks. It doesn't know why something happens, and it is "
        "wrong about some."
    )
    if found := guide.tested(district):
        st.markdown(
            f"It was tested on {found.weeks:,} weeks of {found.students:,} "
            f"{'made-up ' if found.made_up else ''}students that it had never seen. "
            "Of those at the top of its list, as many as a counselor can support, "
            f"**{100 * found.any_flag:.0f} of 100** came to at least one flag in the weeks after, "
            f"and **{100 * found.two_flags:.0f} of 100** to two or more. By the plain ABC rule it "
            f"would have been {100 * found.rule_any_flag:.0f} and "
            f"{100 * found.rule_two_flags:.0f}."
        )
    with st.expander("The model card: how it was built, measured, and where it ends"):
        st.markdown(card)


_, here = ui.looking()
ui.left_student()
st.title("Help", anchor=False)
st.caption(f"How to read each number. Data as of {ui.day(here.as_of)}.")
if here.is_demo:
    st.info(f"Everybody in this district is made up. {demo_door.CALENDAR}", icon=":material/info:")
score(here)
words(here)
numbers(here)
model(here)
