"""Jobs: the long tasks that run in the background, how far each is, and how to stop it."""

import contextlib

import streamlit as st

from app import banner, ui
from edupulse_core import words
from edupulse_core.actions import jobs as acts
from edupulse_core.actions.quality import check_data
from edupulse_core.errors import RefusedError
from edupulse_core.families import shelf
from edupulse_core.lifecycle import findings
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.queries import jobs as asked
from edupulse_core.queries.district import District
from edupulse_core.store.jobs import CANCELLED, FAILED, MAKING, PENDING, RUNNING, Job

EVERY = 2  # seconds between two looks, while a job waits or runs
IDLE = 10  # while none does: somebody else may start one
SHOWN = 50  # of the newest
STATUS = {
    "pending": "○ Waiting",
    "running": "▶ Running",
    "completed": "✓ Done",
    "failed": "✗ Failed",
    "cancelled": "– Canceled",
}
KINDS = {
    "train": "Train",
    "tune": "Search for better settings",
    "evaluate": "Evaluate",
    "score": "Score the week",
    "import": "Import",
    "report": "Write the report",
    "update": "Learn from new outcomes",
}
STEPS = {  # where a step's own name says little
    "features": "building the weekly numbers",
    "folds": "testing on parts of the data",
    "groups": "comparing groups of students",
    "heatmaps": "drawing the pictures",
    "reference": "measuring earlier weeks",
    "score": "scoring",
    "trials": "trying settings",
}
ABOUT = {  # what a task does, before it is started
    "train": "Makes a new version from this district's data. The first one serves at once, a later "
    "one when someone activates it on the Models page.",
    "tune": "Tries 20 settings of the model and makes a version with the best. This takes hours.",
    "update": "Makes a new version: the one that serves goes on learning from the newest outcomes.",
    "evaluate": "Tests the version that serves on cases that it has not seen.",
    "score": "Scores every student for the newest week. The At-risk list shows the result.",
}
NO_WORKER = (
    "Jobs have been waiting for more than a minute. Ask whoever runs EduPulse whether "
    "`edupulse worker` is running."
)


def named(job: Job) -> str:
    """What a job does, such as "Train: Study time"."""
    kind = KINDS.get(job.kind, job.kind.capitalize())
    return f"{kind}: {shelf.family_named(job.family).title}" if job.family else kind


def new(viewer: Viewer, district: District) -> None:
    """The tasks that may be asked for here."""
    st.header("Start a job", anchor=False)
    family, kind, button = st.columns([2, 2, 1], vertical_alignment="bottom")
    with family:
        chosen = st.selectbox(
            "Model",
            list(shelf.SHELF),
            format_func=lambda name: shelf.family_named(name).title,
            key="job_family",
        )
    with kind:
        tasks = ["train", "tune", "update", "evaluate", "score"]
        what = st.selectbox("Task", tasks, format_func=KINDS.__getitem__, key="job_kind")
    with button:
        if st.button("Start", type="primary", width="stretch"):
            of = None if what == "score" else chosen
            acts.submit(person(viewer), district.settings, what, family=of)
            st.rerun()
    st.caption(ABOUT[what])
    check(viewer, district, chosen)


def check(viewer: Viewer, district: District, family: str) -> None:
    """Whether the data are good enough to train on, when somebody asks."""
    if not st.button("Check the data for training", key="check_data"):
        return
    with st.spinner("Checking every number that a training would use."):
        found = check_data(person(viewer), district.settings, family)
    record = shelf.family_named(family)
    cases = words.cases(found.rows, found.students, record.whose)
    for line in findings.issues(found, record):
        st.warning(ui.plain(line), icon=":material/warning:")
    for line in findings.recommendations(found, record):
        st.markdown(f"- {ui.plain(line)}")
    if found.errors:
        st.error(f"{cases}. A training would be refused.", icon=":material/block:")
    else:
        st.success(f"{cases}. A training can start.", icon=":material/check:")


def cancel_asked(viewer: Viewer, district: District) -> None:
    """Cancel the job whose button was pressed."""
    if job_id := st.session_state.pop("cancel_job", None):
        with contextlib.suppress(RefusedError):  # it has ended meanwhile
            acts.cancel(person(viewer), district.settings, job_id)


def open_jobs(district: District) -> None:
    """What waits and what runs, with a bar and a button to cancel."""
    found = [
        *asked.jobs(district.settings, RUNNING, limit=SHOWN),
        *asked.jobs(district.settings, PENDING, limit=SHOWN),
    ]
    before = st.session_state.get("open_jobs", set())
    now = {job.job_id for job in found}
    st.session_state["open_jobs"] = now
    if before - now or (now and not before):
        st.rerun()  # one has ended or is the first: the table below or the pace changes too
    if not found:
        st.caption("Nothing is running.")
        return
    for job in found:
        said, stop = st.columns([5, 1], vertical_alignment="center")
        with said:
            text = f"**{ui.plain(named(job))}** · {state(job)}"
            st.progress(min(job.progress / 100, 1.0), text=text)
        with stop:
            asked_to = job.cancel_asked_at is not None
            label = "Stopping…" if asked_to else "Cancel"
            if st.button(label, key=f"cancel_{job.job_id}", disabled=asked_to, width="stretch"):
                st.session_state["cancel_job"] = job.job_id
                st.rerun()
    if asked.is_stuck(district.settings):
        st.warning(NO_WORKER, icon=":material/warning:")


def state(job: Job) -> str:
    """What a job does now, and how far it is."""
    said = STATUS[job.status][2:]
    if job.status != RUNNING:
        return said
    is_news = job.step not in ("", job.kind)  # a training's longest step is to train
    step = f": {ui.plain(STEPS.get(job.step, job.step))}" if is_news else ""
    return f"{said}{step}, {job.progress:.0f}%"


def ended(viewer: Viewer, district: District) -> None:
    """The jobs that ended, and one of them in full."""
    st.header("Earlier jobs", anchor=False)
    found = [job for job in asked.jobs(district.settings, limit=SHOWN) if job.is_ended]
    if not found:
        st.caption("No job has ended yet. Jobs stay on this list.")
        return
    st.caption(f"The newest {SHOWN}, newest first. Times are in UTC.")
    ui.table(
        "Earlier jobs",
        {
            "Job": [named(job) for job in found],
            "Status": [STATUS[job.status] for job in found],
            "Ended": [ended_at(job) for job in found],
            "Took": [took(job) for job in found],
            "Memory": [f"{job.memory_mb:,.0f} MB" if job.memory_mb else "–" for job in found],
            "Started by": [job.created_by for job in found],
        },
    )
    by_id = {job.job_id: job for job in found}
    labels = words.apart({job.job_id: f"{named(job)}, {ended_at(job)}" for job in found})
    chosen = st.selectbox(
        "Show one",
        list(by_id),
        format_func=labels.__getitem__,
        key="job_shown",
    )
    in_full(viewer, district, by_id[chosen])


def in_full(viewer: Viewer, district: District, job: Job) -> None:
    """What a job said, and how to run it again."""
    st.caption(f"Job {job.job_id}")
    if job.error:
        st.error(ui.sentence(job.error), icon=":material/error:")
    for warning in job.warnings:
        st.warning(ui.plain(warning), icon=":material/warning:")
    if job.result and (version := job.result.get("version")):
        did = "made" if job.kind in MAKING else "used" if job.kind == "score" else "tested"
        st.markdown(f"It {did} version **{ui.plain(str(version))}**.")
    if job.kind == "tune" and job.result:
        st.caption("Every trial is on the Models page, in the tab Searches.")
    if job.log:
        with st.expander("Log"):
            st.code(job.log, language=None, wrap_lines=True)
    if job.status in (FAILED, CANCELLED) and st.button("Run it again", key=f"retry_{job.job_id}"):
        acts.retry(person(viewer), district.settings, job.job_id)
        st.rerun()


def ended_at(job: Job) -> str:
    """When a job ended."""
    at = job.completed_at
    return words.moment(at) if at else "–"


def took(job: Job) -> str:
    """How long a job ran."""
    if job.started_at is None or job.completed_at is None:
        return "–"
    return words.took((job.completed_at - job.started_at).total_seconds())


def page(viewer: Viewer, district: District) -> None:
    st.title("Jobs", anchor=False)
    cancel_asked(viewer, district)
    new(viewer, district)
    st.header("Now", anchor=False)
    many = asked.counts(district.settings)
    is_busy = many[PENDING] + many[RUNNING] > 0
    banner.watching(open_jobs, EVERY if is_busy else IDLE)(district)
    ended(viewer, district)


ui.left_student()
page(*ui.looking())
