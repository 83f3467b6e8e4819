"""The Jobs page: what waits, what runs, what ended, and the buttons that start and stop a job."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edupulse_core.config import Settings, load_settings
from edupulse_core.people import trail
from edupulse_core.queries import jobs as asked
from edupulse_core.store import jobs
from edupulse_core.store.database import open_store
from edupulse_core.store.jobs import Job
from tests.app.conftest import OpenApp


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of the demo's home, whose jobs are its own."""
    shutil.copytree(demo_home.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.log"))
    return load_settings(home=tmp_path / "home")


@pytest.fixture
def open_jobs(home: Settings, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    monkeypatch.setenv("EDUPULSE_HOME", str(home.home))
    return open_app


def texts(app: AppTest) -> str:
    return " ".join(
        each.value
        for kind in ("markdown", "caption", "error", "warning")
        for each in getattr(app, kind)
    )


def test_a_page_without_jobs_says_so(open_jobs: OpenApp) -> None:
    app = open_jobs("steward", "jobs")

    assert "Nothing is running." in texts(app) and "No job has ended yet" in texts(app)


def test_a_started_job_waits_and_can_be_canceled(home: Settings, open_jobs: OpenApp) -> None:
    app = open_jobs("steward", "jobs")
    next(each for each in app.button if each.label == "Start").click().run()

    job = asked.jobs(home)[0]
    assert (job.kind, job.family, job.status) == ("train", "risk", "pending")
    assert trail.entries(home, action=trail.SUBMIT_JOB)[0].role == "steward"
    next(each for each in app.button if each.label == "Cancel").click().run()
    assert asked.job(home, job.job_id).status == "cancelled"


def test_a_failed_job_tells_why_and_runs_again(home: Settings, open_jobs: OpenApp) -> None:
    failed = Job("abc123", "train", {}, "ann", "steward", family="risk", status="failed",
                 error="the history is too short", log="read 12 weeks")  # fmt: skip
    running = Job("abc125", "train", {}, "ann", "steward", family="path", status="running",
                  step="train", progress=5)  # fmt: skip
    for job in (failed, running):
        jobs.add(open_store(home), job)
    app = open_jobs("steward", "jobs")

    assert app.get("progress")[0].proto.text.endswith("** · Running, 5%")
    assert "The history is too short." in texts(app).replace("\\", "")
    assert app.code[0].value == "read 12 weeks"
    next(each for each in app.button if each.label == "Run it again").click().run()
    assert asked.job(home, "abc123").status == "pending"


def test_a_job_that_no_worker_takes_is_told(home: Settings, open_jobs: OpenApp) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    waiting = Job("abc124", "score", {}, "ann", "steward", created_at=long_ago)
    jobs.add(open_store(home), waiting)

    assert "edupulse worker" in texts(open_jobs("district", "jobs"))


def test_the_data_are_checked_before_a_training_is_started(
    home: Settings, open_jobs: OpenApp
) -> None:
    app = open_jobs("steward", "jobs")
    next(each for each in app.button if each.label == "Check the data for training").click().run()

    assert "A training can start." in app.success[0].value
    assert trail.entries(home, action=trail.CHECK_DATA)[0].role == "steward"
    assert asked.jobs(home) == []
