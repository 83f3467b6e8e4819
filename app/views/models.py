"""Models: which version serves, how it does, what could take its place, for data stewards."""

import streamlit as st

from app import charts, evidence, searches, ui
from app.model_actions import decide, experiment, say_done, watch
from edupulse_core.families import shelf
from edupulse_core.families.risk import NAME as RISK
from edupulse_core.people.access import Viewer
from edupulse_core.queries import models as asked
from edupulse_core.queries import watching
from edupulse_core.queries.district import District
from edupulse_core.queries.models import Version
from edupulse_core.reports import training
from edupulse_core.reports.family import words
from edupulse_core.training import diagnosis

ECE = "ece"  # after the figures by which versions are compared
MOST = 4  # figures of a version in the table of all


def versions(family: str, found: list[Version]) -> None:
    """Every version in one table."""
    record = shelf.family_named(family)
    labels, first = record.metrics, next(iter(record.algorithms))
    measured = dict.fromkeys(name for each in found for name in each.headline)
    names = [name for name in (*labels, ECE, *measured) if name in measured]
    names = list(dict.fromkeys(names))[:MOST]
    ui.table(
        "Versions",
        {
            "Version": [each.name for each in found],
            "Status": ["Serves" if each.is_active else "–" for each in found],
            "Trained": [trained(each) for each in found],
            "Learned from": [learned_from(each) for each in found],
            "Algorithm": [words(each.about.algorithm or first, {}) for each in found],
            **{
                words(name, labels): [
                    f"{each.headline[name]:.3f}" if name in each.headline else "–" for each in found
                ]
                for name in names
            },
        },
    )
    said = "Each figure was measured when the version was trained, on its own test cases."
    if len(found) > 1:
        said += " Show another version below to compare it with the one that serves."
    st.caption(said)


def trained(found: Version) -> str:
    """The day of a version's training."""
    return ui.day_of(found.about.created_at) if found.about.created_at else "–"


def learned_from(found: Version) -> str:
    """How much a version learned from."""
    rows = found.training.get("rows")
    return f"{rows:,} cases" if rows else "–"


def one(viewer: Viewer, district: District, found: Version, every: list[Version]) -> None:
    """One version in full, and what can be done with it."""
    st.header(f"Version {ui.plain(found.name)}", anchor=False)
    if found.no_better:
        st.warning(ui.plain(found.no_better), icon=":material/warning:")
    curves(found)
    with st.expander("How it was trained"):
        if found.about.data_range[0]:
            first, last = map(ui.day_of, found.about.data_range)
            st.caption(f"It learned from records from {first} to {last}.")
        settings = training.settings(found.training)
        ui.table(
            "How it was trained",
            {"Setting": [*map(training.said, settings)], "Value": list(settings.values())},
        )
    decide(viewer, district, found, every)


def curves(found: Version) -> None:
    """Both losses by epoch, and what they show."""
    history = found.metrics.get("history") or []
    drawn = [each for each in history if "train_loss" in each and "validation_loss" in each]
    if len(drawn) < 2:
        st.caption(training.NO_CURVE)
        return
    rows = {
        "Epoch": [f"{each['epoch']}" for each in drawn],
        "Training loss": [f"{each['train_loss']:.4f}" for each in drawn],
        "Validation loss": [f"{each['validation_loss']:.4f}" for each in drawn],
    }
    says = "Loss by epoch, on the cases it learned from and on others"
    ui.chart(charts.losses(drawn), says, rows, key=f"losses_{found.name}")
    signs = diagnosis.diagnose(history)
    for sign in signs:
        st.warning(ui.plain(training.sentence(sign, found.training)), icon=":material/warning:")
    if not signs:
        st.caption(training.HEALTHY)


def page(viewer: Viewer, district: District) -> None:
    st.title("Models", anchor=False)
    names = list(shelf.SHELF)
    titles = {name: shelf.family_named(name).title for name in names}
    family = st.selectbox(
        "Model",
        names,
        format_func=titles.__getitem__,
        key="model",
        bind="query-params",
        width=340,
    )
    found = asked.versions(district.settings, family)
    serving = [each.name for each in found if each.is_active]
    open_alerts = watching.alerts(district.settings, family, is_open=True)
    serves = f"{ui.plain(serving[0])} serves" if serving else "No version serves"
    many = f"{len(open_alerts)} open alert{'' if len(open_alerts) == 1 else 's'}"
    told = many if open_alerts else "No open alert"
    st.caption(f"{serves}. {told}. As of {ui.day(district.as_of)}.")
    say_done()
    every = {
        "Versions": lambda: all_versions(viewer, district, family, found),
        "Evidence": lambda: measured(viewer, district, family),
        "Experiment": lambda: experiment(viewer, district, family, found),
        "Searches": lambda: searches.show(district, family),
        "Monitoring": lambda: watch(viewer, district, family, open_alerts),
    }
    tabs = st.tabs(list(every), key="tab", on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, every.values(), strict=True):
        if tab.open:  # the others wait until somebody looks
            with tab:
                draw()


def all_versions(viewer: Viewer, district: District, family: str, found: list[Version]) -> None:
    """The versions of a family, and one of them in full."""
    if not found:
        st.info(evidence.missing(district, family))
        return
    versions(family, found)
    by_name = {each.name: each for each in found}
    at = next((n for n, each in enumerate(found) if each.is_active), 0)
    chosen = st.selectbox("Show one", list(by_name), index=at, key="models_version", width=340)
    one(viewer, district, by_name[chosen], found)


def measured(viewer: Viewer, district: District, family: str) -> None:
    """How often the version that serves is right."""
    if family == RISK:
        evidence.show(viewer, district)
    else:
        evidence.of_family(viewer, district, family)


ui.left_student()
page(*ui.looking())
