"""What becomes of a job: done, refused, cancelled, tried again; and never left as running."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from edupulse_core.actions.jobs import cancel, retry
from edupulse_core.config import REPOSITORY, Settings, load_settings
from edupulse_core.errors import RefusedError
from edupulse_core.jobs.worker import look, work_once
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import jobs, queue
from edupulse_core.store.database import open_store
from tests.jobs.child import noted
from tests.jobs.conftest import CHILD, QUICK, ask, read, until, working


def test_a_job_is_done_as_the_one_who_asked_for_it(settings: Settings) -> None:
    job_id = ask(settings, "add", a=1, b=2)

    work_once(settings, command=CHILD)

    job = read(settings, job_id)
    assert (job.status, job.progress, job.attempts, job.error) == ("completed", 100.0, 1, None)
    assert job.result == {"sum": 3, "by": "ada@north", "nothing": None}
    assert job.warnings == ["Small numbers."]
    assert "adding" in job.log and job.started_at and job.completed_at


def test_what_is_refused_is_said_and_not_tried_again(settings: Settings) -> None:
    job_id = ask(settings, "refuse")

    work_once(settings, command=CHILD)

    job = read(settings, job_id)
    assert (job.status, job.error) == ("failed", "the history is too short")
    assert noted(settings.home) == ["began"]


def test_a_crash_is_tried_three_times_more_and_then_fails(settings: Settings) -> None:
    job_id = ask(settings, "crash")

    for _ in range(5):
        work_once(settings, command=CHILD)

    job = read(settings, job_id)
    assert (job.status, job.attempts, len(job.warnings)) == ("failed", 4, 3)
    assert noted(settings.home) == ["began"] * 4
    assert "ZeroDivisionError in child.py" in (job.error or "")
    assert "it divided by zero" not in (job.error or "") + job.log  # it could quote a record


def test_each_retry_waits_longer_than_the_one_before(settings: Settings) -> None:
    toml = settings.home / "edupulse.toml"
    toml.write_text(QUICK.replace("retry_seconds = 0", "retry_seconds = 5"))
    slow = load_settings(home=settings.home)
    job_id = ask(slow, "crash")

    work_once(slow, command=CHILD)
    work_once(slow, command=CHILD)  # it may not begin yet

    job = read(slow, job_id)
    assert (job.status, job.attempts) == ("pending", 1)
    assert job.not_before is not None and job.beat_at is not None
    assert 4 < (job.not_before - job.beat_at).total_seconds() < 60
    assert "5 seconds" in job.warnings[0]


def test_a_process_that_is_killed_is_run_again(settings: Settings) -> None:
    job_id = ask(settings, "die", deaths=1)

    work_once(settings, command=CHILD)
    work_once(settings, command=CHILD)

    job = read(settings, job_id)
    assert (job.status, job.attempts) == ("completed", 2)
    assert "SIGKILL" in job.warnings[0]


def test_a_job_that_takes_too_long_is_stopped(settings: Settings) -> None:
    (settings.home / "edupulse.toml").write_text(QUICK + "max_minutes = 0.01\n")
    short = load_settings(home=settings.home)
    job_id = ask(short, "wait")

    work_once(short, command=CHILD)

    job = read(short, job_id)
    assert (job.status, job.error) == ("failed", "It took longer than 0.01 minutes.")


@pytest.mark.parametrize("kind", ["wait", "stubborn"])
def test_cancel_stops_a_running_job_within_seconds(settings: Settings, kind: str) -> None:
    with working(settings) as worker:
        job_id = ask(settings, kind)
        until(lambda: noted(settings.home))
        (child,) = psutil.Process(worker.pid).children()

        cancel(OPERATOR, settings, job_id)
        asked = time.monotonic()
        until(lambda: read(settings, job_id).status != "running")

        assert time.monotonic() - asked < 10
        assert read(settings, job_id).status == "cancelled"
        assert not child.is_running()


def test_a_waiting_job_is_cancelled_at_once_and_never_run(settings: Settings) -> None:
    job_id = ask(settings, "add", a=1, b=2)

    cancel(OPERATOR, settings, job_id)
    work_once(settings, command=CHILD)

    assert read(settings, job_id).status == "cancelled"
    assert noted(settings.home) == []
    with pytest.raises(RefusedError, match="already ended"):
        cancel(OPERATOR, settings, job_id)


def test_a_cancelled_job_can_be_run_again(settings: Settings) -> None:
    job_id = ask(settings, "add", a=1, b=2)
    cancel(OPERATOR, settings, job_id)

    retry(OPERATOR, settings, job_id)
    work_once(settings, command=CHILD)

    assert read(settings, job_id).status == "completed"
    with pytest.raises(RefusedError, match="only a failed or cancelled one"):
        retry(OPERATOR, settings, job_id)


def test_a_queue_that_is_lost_is_filled_again_from_the_rows(settings: Settings) -> None:
    job_id = ask(settings, "add", a=1, b=2)
    queue.make(settings, print).flush()

    work_once(settings, command=CHILD)

    assert read(settings, job_id).status == "completed"


def test_a_worker_that_is_told_to_stop_gives_its_job_back(settings: Settings) -> None:
    job_id = ask(settings, "wait")
    with working(settings) as worker:
        until(lambda: noted(settings.home))
        (child,) = psutil.Process(worker.pid).children()

        worker.terminate()

        assert worker.wait(20) == 0
    job = read(settings, job_id)
    assert (job.status, job.attempts) == ("pending", 0)
    assert not child.is_running()


def test_a_job_whose_worker_is_killed_ends_with_it_and_is_run_by_the_next(
    settings: Settings,
) -> None:
    job_id = ask(settings, "wait")
    with working(settings) as worker:
        until(lambda: noted(settings.home))
        (child,) = psutil.Process(worker.pid).children()
        os.kill(worker.pid, signal.SIGKILL)
        until(lambda: not child.is_running())

    with working(settings):
        until(lambda: noted(settings.home) == ["began", "began"])
        cancel(OPERATOR, settings, job_id)
        until(lambda: read(settings, job_id).status == "cancelled")

    assert "its worker ended" in read(settings, job_id).warnings[0]


def test_a_job_whose_worker_is_gone_is_cancelled_at_once(settings: Settings) -> None:
    job_id = ask(settings, "wait")
    with working(settings) as worker:
        until(lambda: noted(settings.home))
        os.kill(worker.pid, signal.SIGKILL)
    beat_at = read(settings, job_id).beat_at
    assert beat_at is not None
    until(lambda: time.time() - beat_at.timestamp() > settings.jobs.silent_seconds)

    cancel(OPERATOR, settings, job_id)

    assert read(settings, job_id).status == "cancelled"


def test_a_worker_that_slept_with_its_machine_takes_no_job_from_itself(settings: Settings) -> None:
    job_id = ask(settings, "wait")
    store, long_ago = open_store(settings), datetime.now(UTC) - timedelta(days=1)
    jobs.claim(store, job_id, "here", long_ago)

    look(settings, queue.make(settings, print), {"here"})
    assert read(settings, job_id).status == "running"

    look(settings, queue.make(settings, print))
    assert read(settings, job_id).status == "pending"


def test_what_a_job_uses_is_noted(settings: Settings) -> None:
    job_id = ask(settings, "wait")
    with working(settings):
        until(lambda: (read(settings, job_id).memory_mb or 0) > 1)
        cancel(OPERATOR, settings, job_id)
        until(lambda: read(settings, job_id).is_ended)

    assert read(settings, job_id).cpu_percent is not None


BESIDE = """
import os, subprocess, sys, time
words = [sys.executable, "-m", "edupulse_core", "worker", "--beside", str(os.getpid())]
print(subprocess.Popen(words).pid, flush=True)
time.sleep(600)
"""


def test_the_worker_beside_a_server_ends_with_it(settings: Settings) -> None:
    where = os.environ | {"PYTHONPATH": str(REPOSITORY), "EDUPULSE_HOME": str(settings.home)}
    words = [sys.executable, "-c", BESIDE]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=where) as server:
        assert server.stdout is not None
        worker = psutil.Process(int(server.stdout.readline()))
        until(lambda: (settings.data / "queue.db").exists())

        server.kill()

        until(lambda: not worker.is_running())
