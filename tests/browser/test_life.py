"""A steward trains a version and lets it serve, on the Jobs and Models pages, beside a worker."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from edupulse_core.config import Settings, load_settings
from edupulse_core.lifecycle import registry
from tests.browser.conftest import PATIENCE, Served, look_as, serve, settled

SMALL = """
[train.risk.loop]
epochs = 2
[train.risk.network]
hidden = 4
projection = 8
heads = 2
"""
LONG = 3 * PATIENCE  # a training, or the comparison of two versions


@pytest.fixture
def served(demo_home: Settings, tmp_path: Path) -> Iterator[Served]:
    """A dashboard whose networks are trained in no time, and a worker beside it."""
    shutil.copytree(demo_home.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.log"))
    (tmp_path / "home" / "edupulse.toml").write_text(SMALL)
    settings = load_settings(home=tmp_path / "home")
    words = [sys.executable, "-m", "edupulse_core", "worker"]
    where = os.environ | {"EDUPULSE_HOME": str(settings.home), "OMP_NUM_THREADS": "1"}
    with serve(settings) as dashboard, subprocess.Popen(words, env=where) as worker:
        yield dashboard
        worker.terminate()


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


def test_a_version_is_trained_and_serves_and_is_taken_back_on_the_pages(
    page: Page, served: Served
) -> None:
    shipped = registry.active_version(served.settings, "risk").name
    look_as(page, served, "data steward", path="jobs")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("Risk · Running")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("✓ Done")).to_be_visible(timeout=LONG)
    (made,) = {each.name for each in registry.versions(served.settings, "risk")} - {shipped}
    expect(page.get_by_text(f"version {made}")).to_be_visible()

    look_as(page, served, "data steward", path="models")
    expect(page.get_by_text(f"{shipped} serves.")).to_be_visible()
    choose(page, "Show one", made)
    say(page, "Why", "made here")
    page.get_by_role("button", name="Activate", exact=True).click()
    expect(page.get_by_text(f"{made} is not activated.")).to_be_visible(timeout=LONG)
    say(page, "Why it should serve anyway", "to see its levels")
    page.get_by_role("button", name="Activate anyway").click()
    expect(page.get_by_text(f"{made} serves now.")).to_be_visible(timeout=LONG)

    say(page, "Why", "only a try")
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text(f"{shipped} serves again.")).to_be_visible()
    assert registry.active_version(served.settings, "risk").name == shipped
