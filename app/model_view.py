"""How the model got to a student's score: where it looked and what moved the score."""

from functools import partial
from typing import Literal

import streamlit as st

from app import banner, ui
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from edupulse_core.queries.heatmaps import Heatmaps
from edupulse_core.queries.student import StudentRecord

MODALITIES = {  # kind of feature → in words, and the records that it needs
    "att": ("Attendance", "attendance"),
    "grd": ("Grades", "grades"),
    "dsc": ("Discipline", "incidents"),
}

Color = Literal["green", "orange", "gray"]
BADGES: dict[str, tuple[str, str, Color, str]] = {  # verdict → badge, icon, color, sentence
    "stable": (
        "{checks} checks agree on these reasons",
        ":material/check_circle:",
        "green",
        "",
    ),
    "partly": (
        "Checks agree in part",
        ":material/contrast:",
        "orange",
        "The checks agree on most of these reasons. Look at the records behind them.",
    ),
    "no stable reason": (
        ui.NO_REASON,
        ":material/help:",
        "gray",
        "The checks disagree. Treat these reasons as hints, and rely on the records.",
    ),
}

HOW = {  # algorithm → how the charts were worked out
    "network": "Integrated Gradients",
    "gradient_boosting": "what the score loses without it",
    "logistic_regression": "what it adds to the score, exactly",
    "blend": "the mean of several models",
}


@banner.fragment
def heatmaps(viewer: Viewer, district: District, shown: StudentRecord) -> None:
    """What the model looked at and what moved it, as pictures and as tables."""
    if shown.score is None:
        return
    st.header("How the model got here", anchor=False)
    with st.spinner("Working out the reasons…"):
        found = shown.heatmaps()
    if found is None:
        st.caption(
            "Another model made this score. It is no longer in use, so its view is not shown."
        )
        return
    label, icon, color, sentence = BADGES[found.agreement.verdict]
    checks = {2: "Two", 3: "Three"}[found.agreement.checks]
    st.badge(label.format(checks=checks), icon=icon, color=color)
    if sentence:
        st.caption(sentence)
    _strips(found, found.strongest(), "What moved the score most", "strongest")
    st.caption(
        "How far each number in each week moved the score, compared with a typical student at this "
        f"school ({HOW[found.algorithm]}, in log odds). Stronger color means further. A reason "
        "adds up a group of numbers over the last 8 weeks, so it can be strong while each of its "
        "numbers looks pale."
    )
    fold = st.expander(
        f"All {len(found.attributions)} numbers, and the weeks that the model looked at",
        key="every_number",
        on_change="rerun",
    )
    if fold.open:  # four charts are slow to make, and few people look
        with fold:
            _everything(district, found, shown)


def _everything(district: District, found: Heatmaps, shown: StudentRecord) -> None:
    """The attention, and every number by kind of record."""
    _attention(found, shown)
    for kind, (word, needs) in MODALITIES.items():
        if needs not in district.known:
            st.caption(f"{word}: unknown, so it did not move the score.")
            continue
        _strips(found, found.of_kind(kind), f"What moved it: {word.lower()}", kind)


def _strips(found: Heatmaps, names: list[str], title: str, key: str) -> None:
    """A strip of weeks for each number; all pictures share one scale."""
    from app import charts

    if not names:
        return
    labels, given = found.of(names)
    ui.chart(
        charts.attributions(given, labels, found.weeks, title, found.most),
        f"{title}: how far each number in each week moved the score, in log odds",
        partial(found.table, names),
        key=f"attributions_{key}",
        column_config={"Number": st.column_config.TextColumn(pinned=True, width=225)},
    )


def _attention(found: Heatmaps, shown: StudentRecord) -> None:
    """Where the model looked, or that this one does not look at weeks."""
    if found.attention is None:
        st.caption("This model has no attention, so there is no picture of the weeks it looked at.")
        return
    from app import charts

    ui.chart(
        charts.attention(found.attention, found.weeks),
        "How much attention each week gave to every other week",
        found.attention_table,
        key="attention",
        column_config={"From week of": st.column_config.TextColumn(pinned=True)},
    )
    st.caption(
        "Each row is a week; stronger color marks the weeks it looked at more. The last row "
        f"made the score as of {ui.day(shown.as_of)}. Attention shows where the model looked, not "
        "why."
    )
