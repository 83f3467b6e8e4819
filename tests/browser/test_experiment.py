"""A better challenger is seen over simulated weeks, and the steward lets it serve, in a browser."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from edupulse_core.config import Settings, load_settings
from edupulse_core.lifecycle import registry, serving
from edupulse_core.lifecycle.registry import Switch
from edupulse_core.store import experiments, runs
from edupulse_core.store.database import open_store
from edupulse_core.store.experiments import AB, Experiment
from tests.browser.conftest import Served, look_as, serve
from tests.lifecycle.risky import shifted

TOO_HIGH = 3.0  # logits
WEEKS_AGO = (14, 13, 12, 0)  # outcomes are known of the first three
LINE = "Two models are being compared"


@pytest.fixture
def served(demo_home: Settings, tmp_path: Path) -> Iterator[Served]:
    """A dashboard whose champion scores everyone too high, and four weeks of an A/B test."""
    shutil.copytree(demo_home.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.log"))
    home = load_settings(home=tmp_path / "home")
    better, store = registry.active_version(home, "risk").name, open_store(home)
    shifted(home, "too-high", TOO_HIGH)
    registry.activate(home, "risk", "too-high", Switch("operator", "planted"))
    began = datetime.now(UTC) - timedelta(minutes=1)
    experiments.start(
        store, Experiment("e1", "risk", "too-high", better, AB, 0.5, began, "operator")
    )
    newest = runs.latest_run(store, "risk")
    assert newest is not None
    for weeks in WEEKS_AGO:
        serving.night(home, "risk", as_of=newest.as_of - timedelta(weeks=weeks))
    with serve(home) as dashboard:
        yield dashboard


def test_a_better_challenger_is_promoted_and_the_list_is_of_one_model_again(
    page: Page, served: Served
) -> None:
    tried = experiments.read(open_store(served.settings), "e1").challenger
    look_as(page, served, "counselor")
    expect(page.get_by_text(LINE).first).to_be_visible()

    page.context.clear_cookies()
    look_as(page, served, "data steward", path="models?tab=Experiment")
    expect(page.get_by_text(f"{tried} does better").first).to_be_visible()
    reason = page.get_by_role("textbox", name="Why", exact=True)
    reason.fill("better for three weeks")
    reason.press("Enter")
    page.get_by_role("button", name="Promote the challenger").click()
    expect(page.get_by_text(f"{tried} serves now.")).to_be_visible()
    expect(page.get_by_role("cell", name="Promoted")).to_be_visible()

    assert registry.active_version(served.settings, "risk").name == tried
    serving.night(served.settings, "risk")
    look_as(page, served, "counselor")
    expect(page.get_by_role("table").first).to_be_visible()
    expect(page.get_by_text(LINE)).to_have_count(0)
