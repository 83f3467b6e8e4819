"""Help: how to read each number, and the model card in plain words, for everyone."""

import streamlit as st

from app import demo_door, ui
from app.learning import FILES
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
    st.header("The risk score", anchor=False)
    st.markdown(
        f"The score says how much trouble to expect in the next **{rules.horizon_weeks} school "
        "weeks**, from 0 to 1. The model looks at a student's last 20 school weeks and weighs "
        "three flags (weights in parentheses):\n\n"
        f"- **A, attendance** ({rules.weight_a:g}): "
        f"{ui.percent(settings.attendance.chronic_rate)} or more of school days missed.\n"
        f"- **B, behavior** ({rules.weight_b:g}): suspended or expelled, or {rules.incidents} or "
        "more incidents.\n"
        f"- **C, courses** ({rules.weight_c:g}): a course under "
        f"{ui.percent(settings.grades.failing_below)}.\n\n"
        "Leaving school counts as 1. A score is an average over many students, not a verdict on "
        "one: it sorts a list, and a person decides. The model never sees race, ethnicity, sex, "
        "language, disability or meal status."
    )


def levels(district: District) -> None:
    settings = district.settings
    rules = settings.outcomes
    st.header("Risk levels and responses", anchor=False)
    st.markdown(
        "The score falls into one of four risk levels. Each suggests a tier of support and how "
        "soon to act. What to do depends on the student's records, never on the level alone."
    )
    edges = (0.0, *rules.tiers, 1.0)
    names = list(reversed(ui.LEVELS))
    ui.table(
        "Risk levels and responses",
        {
            "Risk level": [ui.level(name) for name in names],
            "Score": [f"{low:g} to {high:g}" for low, high in zip(edges, edges[1:], strict=False)],
            "Meaning": [MEANS[name] for name in names],
            "Suggested support": [settings.support.of(name) for name in names],
            "Response": [responses.RESPONSES[name].name for name in names],
            "Also called": [responses.RESPONSES[name].reference for name in names],
        },
    )
    exact, shown = guide.cut_score(district)
    st.markdown(
        f"Scores are cut to two digits, not rounded: {exact} is shown as {shown}, because it has "
        "not reached the next level."
    )
    st.markdown(
        f"{ui.level(None)}: fewer than {rules.min_history_weeks} school weeks are known, so there "
        "is no score, only the records. **Flags** on the pages come from this year's records so "
        "far, without any model. Where the level and the flags disagree, the page says so."
    )


def words(district: District) -> None:
    st.header("Words on the pages", anchor=False)
    st.markdown(
        "- **As of**: the last day that a number includes.\n"
        "- **Change**: how far the score moved since last week.\n"
        f"- **Uncertain**: {ui.UNCERTAIN}\n"
        "- **Reason**: what moved the score most. A reason adds up a group of related numbers over "
        "the last 8 weeks and shows one of them, with what is typical at the school (the median). "
        "A reason is not a cause. There are five at most. "
        f"*{ui.NO_REASON}* means that no reason held up when it was checked.\n"
        "- **Days**: a day missed in part counts as part of a day, so 2.7 days may be two whole "
        "days and most of a third.\n"
        "- **Attention**: which weeks the model looked at.\n"
        "- **What moved the score**: how far each number in each week raised or lowered it, "
        "compared with a typical student at the school.\n"
        "- **Unknown**: nothing was recorded. It is never read as zero.\n"
        f"- **{ui.HIDDEN}**: the number could identify fewer than {SMALLEST} students, so it is "
        "not shown, nor are totals that would give it away."
    )


def learning(district: District) -> None:
    """What the Learning tab says, where there are learning records."""
    if not district.known & set(FILES):
        return
    st.header("The Learning tab", anchor=False)
    st.markdown(
        "Each part comes from a model of its own, trained on this district's records. Data "
        "stewards see on the Models page how often it is right.\n\n"
        "- **Mastery**: the chance of a right answer to a typical question on a skill, from the "
        "student's answers so far. It is not a grade.\n"
        "- **Next skills**: what the student could work on next. No skill comes before what it "
        "builds on.\n"
        "- **Resources**: suggested from what this student and others used. Nothing is assigned "
        "until someone gives it, and whoever gave it can take it back.\n"
        "- **Study plan**: the hours that a session takes students like this one. 9 in 10 sessions "
        "lie in the range.\n"
        "- **College outlook**: the share of past applicants with records like these who were "
        "admitted. Sex and race never enter it."
    )


def short_answers() -> None:
    """How to read what is proposed on the page Short answers."""
    st.header("Short answers", anchor=False)
    st.markdown(
        "- **Proposed**: the points that you would give, judged by the model answer and by the "
        "points that you gave before. They count only once you confirm them.\n"
        "- **Range**: 9 in 10 of your points are expected in it.\n"
        "- **Read this one with care**: the range is wider than half of the points, so the "
        "proposal says little.\n"
        "- **Shorten a text**: the sentences that share most words with the rest of the text. "
        "A sentence that matters but stands alone may be missing, so read the text as well."
    )


def numbers(district: District) -> None:
    st.header("The 42 numbers", anchor=False)
    st.caption("Each with an example and its name in files. The values are only examples.")
    found = guide.readings(district)
    for modality in dict.fromkeys(reading.modality for reading in found):
        of_kind = [reading for reading in found if reading.modality == modality]
        with st.expander(f"{modality.capitalize()}: {len(of_kind)} numbers"):
            if not of_kind[0].known:
                st.info("Unknown here: your district has not imported these records.")
            st.markdown(
                "\n".join(f"- **{one.label}**: {one.example}. `{one.name}`" for one in of_kind)
            )


def model(district: District) -> None:
    st.header("The model", anchor=False)
    card = guide.model_card(district)
    if card is None:
        st.info("No risk model can be used, so the pages show the records alone.")
        return
    st.markdown(
        "The model compares the last 20 weeks of a student's attendance, grades and incidents with "
        "those of many other students, and with what happened to them next. It doesn't know why "
        "things happen, and it is sometimes wrong."
    )
    if found := guide.tested(district):
        st.markdown(
            f"It was tested on {found.weeks:,} weeks of {found.students:,} "
            f"{'fictional ' if found.fictional else ''}students that it had never seen. A "
            "counselor can support only so many: of that many students at the top of its list, "
            f"**{100 * found.any_flag:.0f} of 100** had at least one flag in the weeks after, and "
            f"**{100 * found.two_flags:.0f} of 100** had two or more. A list by flags alone would "
            f"have found {100 * found.rule_any_flag:.0f} and {100 * found.rule_two_flags:.0f}."
        )
    with st.expander("Model card: how it was built and tested, and its limits"):
        ui.document(card)


viewer, here = ui.looking()
ui.left_student()
st.title("Help", anchor=False)
st.caption(f"How to read each number. Data as of {ui.day(here.as_of)}.")
if here.is_demo:
    st.info(f"Everyone in this district is fictional. {demo_door.CALENDAR}", icon=":material/info:")
score(here)
levels(here)
words(here)
learning(here)
if "teacher" in viewer.roles:
    short_answers()
numbers(here)
model(here)
