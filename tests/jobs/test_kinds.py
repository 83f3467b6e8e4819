"""Jobs that do real work: a version is trained, evaluated and shown, as the one who asked."""

import shutil
from pathlib import Path

import pytest

from edupulse_core.actions.jobs import submit
from edupulse_core.config import Settings, load_settings
from edupulse_core.families import shelf
from edupulse_core.jobs.worker import work_once
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import OPERATOR, Actor, person
from edupulse_core.store import watched
from edupulse_core.store.database import open_store
from edupulse_core.store.jobs import Job
from tests.jobs.child import TOY
from tests.jobs.conftest import CHILD, QUICK, read

STEWARD = person(Viewer("", "Sam", frozenset({"steward"}), sign_in="sam@north"))


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    folder = tmp_path / "home"
    shutil.copytree(demo_home.home, folder, ignore=shutil.ignore_patterns("*.log", "training"))
    (folder / "edupulse.toml").write_text(QUICK)
    monkeypatch.setitem(shelf.SHELF, "toy", TOY)
    return load_settings(home=folder)


def done(actor: Actor, settings: Settings, kind: str, family: str | None, **config: object) -> Job:
    """Ask for a job, run it, and read it again."""
    job_id = submit(actor, settings, kind, config, family=family)
    work_once(settings, command=CHILD)
    return read(settings, job_id)


def test_a_version_is_trained_and_evaluated_as_the_one_who_asked(home: Settings) -> None:
    trained = done(STEWARD, home, "train", "toy")

    assert (trained.status, trained.error) == ("completed", None)
    assert trained.result is not None
    assert not Path(trained.result["folder"]).is_absolute()
    version = trained.result["version"]
    assert (home.home / "models" / "toy" / version / "manifest.json").is_file()
    (line,) = trail.entries(home, action="train")
    assert (line.actor, line.role, line.subject) == ("sam@north", "steward", f"toy {version}")

    evaluated = done(OPERATOR, home, "evaluate", "toy", version=version)

    assert evaluated.status == "completed" and evaluated.result is not None
    assert evaluated.result["version"] == version and evaluated.result["rows"] > 0
    assert (home.home / evaluated.result["page"]).is_file()
    assert not Path(evaluated.result["page"]).is_absolute()


def test_a_score_draws_its_week_and_watches_the_models_as_a_night_does(home: Settings) -> None:
    job = done(STEWARD, home, "score", None)

    assert (job.status, job.error) == ("completed", None) and job.result is not None
    assert [line.action for line in trail.entries(home)][:2] == ["monitor", "score"]
    assert "heatmaps" in job.log and watched.figures(open_store(home), "risk", name="volume")


def test_a_bundle_is_imported_and_what_is_wrong_with_it_quotes_no_record(home: Settings) -> None:
    bundle = home.data / "demo"

    assert done(OPERATOR, home, "import", None, path=str(bundle)).status == "completed"

    users = bundle / "users.csv"
    users.write_text("sourcedId,givenName\nS1,Ana\n")
    refused = done(OPERATOR, home, "import", None, path=str(bundle), replace=True)
    assert refused.status == "failed" and refused.error
    assert "users.csv" in refused.error and "Ana" not in refused.error + refused.log


def test_a_day_that_is_none_fails_and_is_not_tried_again(settings: Settings) -> None:
    job = done(OPERATOR, settings, "score", None, as_of="soon")

    assert (job.status, job.attempts) == ("failed", 1)
    assert job.error == "as_of: 'soon' is not a date such as 2026-01-31"
