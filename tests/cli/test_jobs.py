"""`edupulse jobs`, and a training that is left to the worker."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Audited, Edupulse


def test_jobs_are_listed_shown_cancelled_and_run_again(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("train", "risk", "--background") == 0
    job_id = capsys.readouterr().out.strip()

    assert edupulse("jobs") == 0
    assert job_id in capsys.readouterr().out
    assert edupulse("jobs", "cancel", job_id) == 0
    assert edupulse("jobs", "cancel", job_id) == 4
    assert edupulse("jobs", "retry", job_id) == 0
    assert edupulse("jobs", "show", "nothing") == 3
    capsys.readouterr()
    assert edupulse("jobs", "show", job_id, "--json") == 0
    assert json.loads(capsys.readouterr().out)["status"] == "pending"
    assert edupulse("jobs", "--status", "pending", "--json") == 0
    assert [job["job_id"] for job in json.loads(capsys.readouterr().out)["jobs"]] == [job_id]
    assert edupulse("jobs", "--status", "lost") == 3


def test_a_job_that_cannot_be_done_fails_in_one_sentence(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("train", "risk", "--background", "--json") == 0
    job_id = json.loads(capsys.readouterr().out)["job_id"]

    assert edupulse("worker", "--once") == 0

    capsys.readouterr()
    edupulse("jobs", "show", job_id, "--json")
    job = json.loads(capsys.readouterr().out)
    assert job["status"] == "failed"
    assert "edupulse ingest" in job["error"] and "Traceback" not in job["log"]


def test_the_night_runs_as_a_job(
    home: Path, edupulse: Edupulse, audited: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    from edupulse_core.actions.jobs import submit
    from edupulse_core.config import load_settings
    from edupulse_core.people.actor import OPERATOR
    from edupulse_core.queries.jobs import job

    settings = load_settings()
    before = len(audited(home, "score"))
    job_id = submit(OPERATOR, settings, "score")

    assert edupulse("worker", "--once") == 0

    assert job(settings, job_id).status == "completed"
    assert (job(settings, job_id).result or {})["students"] > 0
    assert len(audited(home, "score")) == before + 1
