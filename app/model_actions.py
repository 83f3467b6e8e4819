"""What a data steward decides about versions: activate, roll back, try, and answer alerts."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import charts, side_by_side, ui
from edupulse_core.actions import experiments as trying
from edupulse_core.actions import versions as acts
from edupulse_core.actions.retraining import check_triggers
from edupulse_core.actions.watching import acknowledge_alert, close_alert
from edupulse_core.errors import EduPulseError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.families.family import Metric
from edupulse_core.lifecycle import registry
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import experiments, watching
from edupulse_core.queries.district import District
from edupulse_core.queries.models import Version
from edupulse_core.store.alerts import Alert

DONE = "models_done"  # what was just done, until the page has said so
LAST = 20  # closed alerts that are listed
SEVERITY = {"critical": "■ Critical", "warning": "▲ Warning", "info": "● Note"}
DRAWN = {  # of the figures of each night: the name of its axis
    "auc_estimate": "AUC",
    "auc": "AUC",
    "mae": "Mean error",
    "next_hit": "Share",
    "brier": "Brier score",
    "volume": "Students",
}


def say_done() -> None:
    """Say what was just done, once."""
    if said := st.session_state.pop(DONE, None):
        st.success(said, icon=":material/check:")


def decide(viewer: Viewer, district: District, found: Version, every: list[Version]) -> None:
    """Compare a version with the one that serves, and put it in its place or take it back."""
    serving = next((each for each in every if each.is_active), None)
    if serving is None:
        activate(viewer, district, found, is_first=True)
        return
    if found.is_active:
        take_back(viewer, district, found)
        return
    compare(viewer, district, found, serving.name)
    side_by_side.show(viewer, district, serving, found)
    activate(viewer, district, found)


def compare(viewer: Viewer, district: District, found: Version, serving: str) -> None:
    """Both versions on the same cases, and who would change level."""
    st.subheader(f"Compared with {ui.plain(serving)}, which serves", anchor=False)
    key = f"compared_{serving}_{found.name}"
    if st.button("Compare them on the same cases", key=f"do_{key}"):
        with st.spinner("Comparing. This takes up to a few minutes."):
            st.session_state[key] = acts.compare_versions(
                district.settings, found.family, serving, found.name
            )
    told = st.session_state.get(key)
    if told is None:
        return
    if told["not_compared"]:
        st.info(f"They cannot be compared here: {ui.plain(told['not_compared'])}.")
        return
    metrics, known = told["paired"]["metrics"], shelf.family_named(found.family).metrics
    ui.table(
        "Both versions on the same cases",
        {
            "Measure": [known[name].label if name in known else name for name in metrics],
            serving: [f"{each['a']:.3f}" for each in metrics.values()],
            found.name: [f"{each['b']:.3f}" for each in metrics.values()],
            "Difference": [spread(each["difference"]) for each in metrics.values()],
            "Better": [better(told["paired"], name, known) for name in metrics],
        },
    )
    st.caption(
        "The difference with the range that holds it 19 times in 20. Where the range includes 0, "
        "neither version is better beyond chance."
    )
    if told["moves"]:
        st.markdown(f"**{ui.plain(told['moves']['sentence'])}**")
        if viewer.sees_students:
            side_by_side.who_changes(viewer, district, serving, found)


def better(paired: dict[str, Any], name: str, known: Mapping[str, Metric]) -> str:
    """The version that a measure is surely better for, if either."""
    found = paired["metrics"][name]["difference"]
    low, high = found["low"], found["high"]
    if name not in known or low is None or high is None or low <= 0 <= high:
        return "–"
    is_second = (low > 0) == known[name].higher_is_better
    return str(paired["b"] if is_second else paired["a"])


def spread(difference: dict[str, float | None]) -> str:
    """A difference with its interval."""
    value, low, high = (difference[name] for name in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return ui.NOTHING
    said = [ui.change(each, "+.3f") for each in (value, low, high)]
    return said[0] if len(set(said)) == 1 else f"{said[0]} ({said[1]} to {said[2]})"


def activate(viewer: Viewer, district: District, found: Version, *, is_first: bool = False) -> None:
    """Put a version in the place of the one that serves, if any, through the gate."""
    st.subheader("Let it serve", anchor=False)
    whose = shelf.family_named(found.family).whose
    st.caption(
        "No version serves yet. If this one does no better than a simple method, it is refused, "
        "and you see why."
        if is_first
        else "First it is compared with the version that serves. If it is worse, for all or for a "
        f"group of {whose}, it is refused, and you see why."
    )
    refused = f"refused_{found.name}"
    reason = st.text_input("Why", key=f"why_{found.name}", placeholder="For the audit trail")
    override = ""
    if said := st.session_state.get(refused):
        st.error(ui.plain(said), icon=":material/block:")
        override = st.text_input("Why it should serve anyway", key=f"override_{found.name}")
    label = "Activate anyway" if override else "Activate"
    if not st.button(label, type="primary", disabled=not reason.strip(), key=f"do_{found.name}"):
        return
    try:
        with st.spinner("Checking the version."):
            done = acts.activate_version(
                person(viewer),
                district.settings,
                found.family,
                found.name,
                reason=reason,
                override_reason=override,
            )
    except RefusedError as error:
        st.session_state[refused] = str(error)
        st.rerun()
    st.session_state.pop(refused, None)
    when = "already" if done.served_before else "now"
    told = [f"{done.serving} serves {when}.", *done.verdict.notes]
    if not done.served_before and shelf.family_named(found.family).nightly:
        told.append("Score the week on the Jobs page to see its levels.")
    st.session_state[DONE] = ui.plain(" ".join(told))
    st.rerun()


def take_back(viewer: Viewer, district: District, found: Version) -> None:
    """Let the version before serve again."""
    before = registry.before(district.settings, found.family)
    if before is None:
        return
    st.subheader(f"Roll back to {ui.plain(before)}", anchor=False)
    st.caption("The version that served before this one serves again at once.")
    reason = st.text_input("Why", key="why_back", placeholder="For the audit trail")
    if st.button("Roll back", disabled=not reason.strip(), icon=":material/undo:"):
        now = acts.roll_back(person(viewer), district.settings, found.family, reason=reason)
        st.session_state[DONE] = ui.plain(f"{now} serves again.")
        st.rerun()


def experiment(viewer: Viewer, district: District, family: str, every: list[Version]) -> None:
    """The experiment that goes on, or a form to start one; and those of before."""
    found = experiments.experiments(district.settings, family)
    running = next((each for each in found if each.experiment.is_running), None)
    if running is None:
        start(viewer, district, family, every)
    else:
        going_on(viewer, district, running)
    if earlier := [each for each in found if not each.experiment.is_running]:
        st.subheader("Earlier experiments", anchor=False)
        ui.table(
            "Earlier experiments",
            {
                "Challenger": [each.experiment.challenger for each in earlier],
                "Against": [each.experiment.champion for each in earlier],
                "Began": [ui.day(each.experiment.started_at) for each in earlier],
                "Ended": [(each.experiment.outcome or "–").capitalize() for each in earlier],
                "Why": [each.experiment.reason or "–" for each in earlier],
            },
        )


def start(viewer: Viewer, district: District, family: str, every: list[Version]) -> None:
    """A form for a new experiment."""
    st.subheader("Try a version beside the one that serves", anchor=False)
    if not shelf.family_named(family).nightly:
        st.info(
            "This model answers on demand only, so there is no night in which two versions could "
            "be compared. Versions are compared on the Versions tab."
        )
        return
    others = [each.name for each in every if not each.is_active]
    if not others:
        known = "There is only one version" if every else "No version has been trained yet"
        st.info(f"{known}. Start a training on the Jobs page.")
        return
    challenger = st.selectbox("Challenger", others, key="challenger")
    mode = st.radio(
        "How",
        ["shadow", "ab"],
        format_func={
            "shadow": "Shadow: it scores every night, and nobody sees its levels",
            "ab": "A/B: for some students, staff see its levels",
        }.__getitem__,
        key="mode",
    )
    share = 10
    if mode == "ab":
        share = st.slider("Share of students", 5, 50, 10, 5, format="%d%%", key="share")
        st.caption(
            "Each student stays with one version. The At-risk list says that two are compared."
        )
    if st.button("Start", type="primary", key="start_experiment"):
        with st.spinner("Comparing the two versions."):
            trying.start_experiment(
                person(viewer),
                district.settings,
                family,
                challenger,
                mode=mode,
                share=share / 100 if mode == "ab" else None,
            )
        st.session_state[DONE] = ui.plain(f"The experiment with {challenger} has begun.")
        st.rerun()


def going_on(viewer: Viewer, district: District, running: experiments.Described) -> None:
    """How the challenger does so far, and the two ways to end it."""
    of = running.experiment
    how = f"shown for {of.share:.0%} of the students" if of.mode == "ab" else "in the shadow"
    st.subheader(f"{ui.plain(of.challenger)} beside {ui.plain(of.champion)}", anchor=False)
    st.caption(f"Since {ui.day(of.started_at)}, {how}. Started by {ui.plain(of.started_by)}.")
    st.markdown(ui.plain(running.sentence))
    reason = st.text_input("Why", key="why_experiment", placeholder="For the audit trail")
    left, right = st.columns(2)
    no_reason = not reason.strip()
    with left:
        if st.button("Promote the challenger", disabled=no_reason, width="stretch"):
            try:
                trying.promote(person(viewer), district.settings, of.experiment_id, reason=reason)
            except EduPulseError as error:
                st.error(ui.plain(str(error)))
                return
            st.session_state[DONE] = ui.plain(
                f"{of.challenger} serves now. The Versions tab can roll back to {of.champion}."
            )
            st.rerun()
    with right:
        if st.button("Stop the experiment", disabled=no_reason, width="stretch"):
            trying.stop_experiment(
                person(viewer), district.settings, of.experiment_id, reason=reason
            )
            st.session_state[DONE] = ui.plain(f"The experiment is over. {of.champion} serves.")
            st.rerun()


def watch(viewer: Viewer, district: District, family: str, alerts: list[Alert]) -> None:
    """Open alerts, the figures night by night, and the reasons to train again."""
    st.subheader("Alerts", anchor=False)
    if not alerts:
        st.caption("No alert is open.")
    for alert in alerts:
        answer(viewer, district, alert)
    closed(watching.alerts(district.settings, family, is_open=False)[:LAST])
    reasons(viewer, district, family)
    st.subheader("Night by night", anchor=False)
    found = watching.figures(district.settings, family)
    drawn = {
        name: [each for each in found if each.name == name and not each.subject] for name in DRAWN
    }
    if not any(drawn.values()):
        st.caption("Nothing was measured yet. That happens after each night's scoring.")
    for name, rows in drawn.items():
        words = watching.FIGURES[name]
        said = words[0].upper() + words[1:]
        points = [(each.as_of, each.value) for each in reversed(rows) if each.value is not None]
        if len(points) > 1:
            table = {
                "Week to": [ui.day(when) for when, _ in points],
                said: [f"{value:,.3g}" for _, value in points],
            }
            figure = charts.feature_line(points, said, DRAWN[name], across="Week to")
            ui.chart(figure, said, table, key=f"watched_{name}")
        elif points:
            st.markdown(f"{said}: **{points[0][1]:,.3g}**, {ui.day(points[0][0])}")


def closed(alerts: list[Alert]) -> None:
    """The last alerts that somebody closed, and what they found."""
    if not alerts:
        return
    with st.expander("Closed alerts"):
        ui.table(
            "Closed alerts",
            {
                "Alert": [watching.sentence(each) for each in alerts],
                "Closed": [ui.day(each.closed_at) if each.closed_at else "–" for each in alerts],
                "By": [each.closed_by or "–" for each in alerts],
                "Found or done": [each.note or "–" for each in alerts],
            },
        )


def reasons(viewer: Viewer, district: District, family: str) -> None:
    """The reasons to train again, as they were last looked at."""
    st.subheader("Reasons to train again", anchor=False)
    st.caption("Looked at every Sunday. If one holds, a training starts by itself.")
    if st.button("Look now", key="check_triggers"):
        with st.spinner("Counting new outcomes."):
            check_triggers(person(viewer), district.settings, family)
    words = watching.REASONS
    seen = watching.triggers(district.settings, family)[: len(words)]
    if not seen:
        st.caption("Nobody has looked yet.")
        return
    ui.table(
        "Reasons to train again",
        {
            "Reason": [words.get(each.name, each.name).capitalize() for each in seen],
            "Now": [ui.NOTHING if each.value is None else f"{each.value:,.4g}" for each in seen],
            "Train from": [f"{each.threshold:,.4g}" for each in seen],
            "Holds": ["Yes" if each.fired else "No" for each in seen],
            "Looked at": [ui.day(each.at) for each in seen],
        },
    )


def answer(viewer: Viewer, district: District, alert: Alert) -> None:
    """One alert, and the buttons to answer it."""
    with st.container(border=True):
        st.markdown(
            f"**{SEVERITY[alert.severity]}** since {ui.day(alert.at)}: "
            f"{ui.plain(watching.sentence(alert))}"
        )
        if alert.acknowledged_by:
            said = f" Note: {alert.note}" if alert.note else ""
            st.caption(ui.plain(f"{alert.acknowledged_by} is looking into it.{said}"))
        note = st.text_input(
            "What was found or done", key=f"note_{alert.alert_id}", placeholder="Needed to close it"
        )
        left, right = st.columns(2)
        with left:
            seen = alert.acknowledged_at is not None
            if st.button(
                "I'll look into it", key=f"see_{alert.alert_id}", disabled=seen, width="stretch"
            ):
                acknowledge_alert(person(viewer), district.settings, alert.alert_id, note=note)
                st.rerun()
        with right:
            if st.button(
                "Close",
                key=f"close_{alert.alert_id}",
                disabled=not note.strip(),
                width="stretch",
            ):
                close_alert(person(viewer), district.settings, alert.alert_id, note=note)
                st.session_state[DONE] = "The alert is closed."
                st.rerun()
