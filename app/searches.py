"""Searches for better settings: how the trials did, which settings matter, and which were best."""

import re

import streamlit as st

from app import blocks, ui
from edupulse_core.families import shelf
from edupulse_core.queries import searches
from edupulse_core.queries.district import District
from edupulse_core.reports import search as reports

NONE = (
    "No search was made for this model yet. Start “Search for better settings” on the Jobs page, "
    "or run `edupulse tune {family}`."
)
DATA = re.compile(r"-\d{6}-(\d{8})T\w+-\w+$")  # the data of a search, at the end of its name


def show(district: District, family: str) -> None:
    """One search of a family, the newest unless another is chosen."""
    names = searches.searches(district.settings, family)
    if not names:
        st.info(NONE.format(family=family))
        return
    chosen = st.selectbox("Search", names, format_func=title, key=f"search_{family}", width=420)
    found, record = searches.search(district.settings, family, chosen), shelf.family_named(family)
    st.caption(ui.plain(reports.headline(found, record)))
    trials = reports.finished(found)
    if len(trials) > 1:
        from app import charts

        label, best = record.metrics[found.metric].label, reports.best_so_far(found)
        numbers = [each.number for each in trials]
        values = [each.value or 0.0 for each in trials]
        rows = {
            "Trial": [f"{number}" for number in numbers],
            label: [f"{value:.4g}" for value in values],
            "Best so far": [f"{value:.4g}" for value in best],
        }
        says = "How each trial did, and the best so far"
        ui.chart(charts.trials(numbers, values, best, label), says, rows, key="trials")
    blocks.draw_all(reports.blocks(found, record), "search")


def title(name: str) -> str:
    """A search as people call it, with the day of the data that it was made on."""
    found = DATA.search(name)
    if found is None:
        return name
    return f"{name[: found.start()]}, data of {ui.day_of(found[1])}"
