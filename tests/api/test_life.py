"""The whole life of a model by HTTP: trained as jobs, compared, refused, overridden, taken back."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.config import Settings, load_settings
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from tests.api.conftest import bearing, token
from tests.lifecycle.risky import shifted

AT = "/api/v1/model-training"
ACTS = {trail.TRAIN, trail.ACTIVATE, trail.REFUSED_ACTIVATE, trail.ROLL_BACK}


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(demo_home.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.log"))
    return load_settings(home=tmp_path / "home")


@pytest.fixture
def models(home: Settings) -> Iterator[TestClient]:
    with TestClient(api.app(home), headers=bearing(token(home, "steward"))) as client:
        yield client


def edupulse(home: Settings, *words: str) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "edupulse_core", *words],
        env=os.environ | {"EDUPULSE_HOME": str(home.home), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def begin(models: TestClient, penalty: float) -> str:
    """Ask for a training; the job's id."""
    asked = {
        "family": "risk",
        "algorithms": ["logistic_regression"],
        "hyperparameters": {"c": penalty, "steps": 200},
        "min_samples": 100,
    }
    answer = models.post(f"{AT}/train", json=asked)
    assert answer.status_code == 202, answer.text
    found: str = answer.json()["job_id"]
    return found


def trained(home: Settings, models: TestClient, jobs: list[str]) -> list[str]:
    """Let a worker do the jobs, while others read; the versions that they made."""
    reader, seen = bearing(token(home)), dict[str, list[float]]()
    with edupulse(home, "worker", "--once") as worker:
        while worker.poll() is None:
            for job in jobs:
                state = models.get(f"{AT}/jobs/{job}").json()
                seen.setdefault(job, []).append(state["progress_percentage"])
            assert models.get("/api/v1/at-risk", headers=reader).json()["students"]
            time.sleep(0.5)  # a token may ask 600 times a minute
    ended = [models.get(f"{AT}/jobs/{job}").json() for job in jobs]
    for job, each in zip(jobs, ended, strict=True):
        seen[job].append(each["progress_percentage"])
    assert [each["status"] for each in ended] == ["completed"] * len(jobs), ended
    assert all(len(set(steps)) > 1 and steps == sorted(steps) for steps in seen.values())
    return [each["best_model_id"] for each in ended]


def test_a_model_lives_from_its_training_to_its_end(home: Settings, models: TestClient) -> None:
    shipped = registry.active_version(home, "risk").name
    shifted(home, "bad", 2.5)
    first, second = trained(home, models, [begin(models, 0.1), begin(models, 0.099)])
    both = {"model_ids": [first, second]}
    pair = models.post(f"{AT}/compare", json=both).json()["statistical_significance"]
    own = {"reason": "our own students", "override_reason": f"{shipped} knows no real student"}

    began = models.post(f"{AT}/activate/{first}", json=own)
    passed = models.post(f"{AT}/activate/{second}", json={"reason": "newer"})

    assert pair[f"{first} and {second}"]["paired"]["metrics"]["mae"]["difference"]
    assert (began.status_code, passed.status_code) == (200, 200)
    assert passed.json()["gate"]["passes"] and passed.json()["is_active"]

    refused = models.post(f"{AT}/activate/bad", json={"reason": "newer still"})
    with edupulse(home, "activate", "risk", "bad") as by_command:
        _, said = by_command.communicate()
    serving = models.get(f"{AT}/status").json()["models"]["active_model_id"]
    forced = models.post(
        f"{AT}/activate/bad", json={"reason": "a try", "override_reason": "to see what happens"}
    )
    back = models.post(f"{AT}/rollback", json={"reason": "only a try"})

    assert (refused.status_code, by_command.returncode, serving) == (409, 4, second)
    assert refused.json()["reasons"] and "Mean absolute error" in said.replace("\n", " ")
    assert forced.json()["model_id"] == "bad" and not forced.json()["gate"]["passes"]
    assert back.json()["model_id"] == second

    told = [each for each in reversed(trail.entries(home)) if each.action in ACTS]
    assert len(trail.entries(home, action=trail.SUBMIT_JOB)) == 2
    life = [(each.action, each.subject.removeprefix("risk ")) for each in told]
    assert life[1:] == [
        (trail.TRAIN, second),
        (trail.ACTIVATE, first),
        (trail.ACTIVATE, second),
        (trail.REFUSED_ACTIVATE, "bad"),
        (trail.REFUSED_ACTIVATE, "bad"),
        (trail.ACTIVATE, "bad"),
        (trail.ROLL_BACK, second),
    ]
    assert told[-2].details["override_reason"] == "to see what happens"
