"""A model's whole life from an empty home, asked for by HTTP and seen by a steward on the pages."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from edupulse_core.actions.demo import setup_demo
from edupulse_core.config import Settings, load_settings
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR
from tests.api.conftest import bearing, token
from tests.browser.conftest import PATIENCE, Served, free_port, look_as, running, serve, settled
from tests.conftest import STUDENTS
from tests.lifecycle.risky import shifted

AT = "/api/v1/model-training"
LONG = 3 * PATIENCE  # a training, or the comparison of two versions
ACTS = {trail.TRAIN, trail.ACTIVATE, trail.REFUSED_ACTIVATE, trail.ROLL_BACK}
EDUPULSE = (sys.executable, "-m", "edupulse_core")


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """What was empty, with a district, as `edupulse serve --demo` begins; nothing was trained."""
    settings = load_settings(home=tmp_path / "home")
    assert not settings.home.exists()
    setup_demo(OPERATOR, settings, students=STUDENTS, train=False)
    return settings


@pytest.fixture
def served(home: Settings) -> Iterator[Served]:
    with serve(home) as dashboard:
        yield dashboard


@pytest.fixture
def models(home: Settings) -> Iterator[httpx.Client]:
    """`edupulse api`, asked with a steward's token."""
    url, log = f"http://127.0.0.1:{(port := free_port())}", home.home / "api.log"
    ready, named = f"{url}/health", bearing(token(home, "steward"))
    with (
        running([*EDUPULSE, "api", "--port", f"{port}"], ready, log, beside(home)),
        httpx.Client(base_url=f"{url}{AT}", headers=named, timeout=LONG / 1000) as client,
    ):
        yield client


def beside(home: Settings) -> dict[str, str]:
    """What a process needs of its environment to work on a home."""
    return {"EDUPULSE_HOME": str(home.home), "OMP_NUM_THREADS": "1"}


@contextmanager
def worker(home: Settings) -> Iterator[None]:
    with subprocess.Popen([*EDUPULSE, "worker"], env=os.environ | beside(home)) as process:
        yield
        process.terminate()


def begin(models: httpx.Client, penalty: float) -> str:
    """Ask for a training; the job's id."""
    asked = {
        "family": "risk",
        "algorithms": ["logistic_regression"],
        "hyperparameters": {"c": penalty, "steps": 200},
        "min_samples": 100,
    }
    answer = models.post("/train", json=asked)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


def choose(page: Page, label: str, option: str) -> None:
    """Pick from a list with a label."""
    chooser = page.get_by_role("combobox", name=label)
    chooser.click()
    chooser.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def say(page: Page, label: str, words: str) -> None:
    """Fill in a field, and leave it."""
    field = page.get_by_label(label, exact=True).first
    field.fill(words)
    field.press("Enter")
    settled(page)


def shows(page: Page, served: Served, said: str) -> None:
    """Open the Models page anew, where something is expected."""
    look_as(page, served, "data steward", path="models")
    expect(page.get_by_text(said).first).to_be_visible()


def test_a_model_lives_from_its_training_to_its_end(
    page: Page, home: Settings, served: Served, models: httpx.Client
) -> None:
    shipped = registry.active_version(home, "risk").name
    look_as(page, served, "data steward", path="jobs")
    expect(page.get_by_text("No job has ended yet.")).to_be_visible()

    jobs = [begin(models, 0.1), begin(models, 0.099)]
    expect(page.get_by_role("progressbar")).to_have_count(2)  # nobody touched the page
    with worker(home):
        expect(page.get_by_text("Risk · Running").first).to_be_visible(timeout=LONG)
        expect(page.get_by_text("✓ Done")).to_have_count(2, timeout=2 * LONG)
    told = [models.get(f"/jobs/{job}").json() for job in jobs]
    assert [each["status"] for each in told] == ["completed"] * 2, told
    first, second = (each["best_model_id"] for each in told)

    shows(page, served, f"{shipped} serves.")
    choose(page, "Show one", first)
    page.get_by_role("button", name="Compare them on the same cases").click()
    both = page.get_by_role("table", name="Both versions on the same cases")
    expect(both).to_be_visible(timeout=LONG)
    say(page, "Why", "our own students")
    page.get_by_role("button", name="Activate", exact=True).click()
    expect(page.get_by_text(f"{first} is not activated.")).to_be_visible(timeout=LONG)
    say(page, "Why it should serve anyway", "the shipped one knows no real student")
    page.get_by_role("button", name="Activate anyway").click()
    expect(page.get_by_text(f"{first} serves now.")).to_be_visible(timeout=LONG)

    pair = models.post("/compare", json={"model_ids": [first, second]}).json()
    passed = models.post(f"/activate/{second}", json={"reason": "newer"}).json()
    assert pair["statistical_significance"][f"{first} and {second}"]["paired"]["metrics"]
    assert passed["gate"]["passes"] and passed["is_active"]
    shows(page, served, f"{second} serves.")

    shifted(home, "bad", 2.5)  # logits
    refused = models.post("/activate/bad", json={"reason": "newer still"})
    command = [*EDUPULSE, "activate", "risk", "bad"]
    by_command = subprocess.run(
        command, env=os.environ | beside(home), capture_output=True, text=True, check=False
    )
    assert (refused.status_code, by_command.returncode) == (409, 4)
    assert refused.json()["reasons"]
    assert "Mean absolute error" in by_command.stderr.replace("\n", " ")
    shows(page, served, f"{second} serves.")
    choose(page, "Show one", "bad")
    say(page, "Why", "newer still")
    page.get_by_role("button", name="Activate", exact=True).click()
    expect(page.get_by_text("bad is not activated.")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Mean absolute error").first).to_be_visible()

    forced = {"reason": "a try", "override_reason": "to see what happens"}
    assert not models.post("/activate/bad", json=forced).json()["gate"]["passes"]
    shows(page, served, "bad serves.")
    say(page, "Why", "only a try")
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text(f"{second} serves again.")).to_be_visible()
    assert models.post("/rollback", json={"reason": "to the first"}).json()["model_id"] == first
    shows(page, served, f"{first} serves.")

    noted = [each for each in reversed(trail.entries(home)) if each.action in ACTS]
    assert len(trail.entries(home, action=trail.SUBMIT_JOB)) == 2
    assert [(each.action, (each.subject or "").removeprefix("risk ")) for each in noted] == [
        (trail.TRAIN, first),
        (trail.TRAIN, second),
        (trail.REFUSED_ACTIVATE, first),
        (trail.ACTIVATE, first),
        (trail.ACTIVATE, second),
        *[(trail.REFUSED_ACTIVATE, "bad")] * 3,
        (trail.ACTIVATE, "bad"),
        (trail.ROLL_BACK, second),
        (trail.ROLL_BACK, first),
    ]
