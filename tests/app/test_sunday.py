"""Sunday, 01:00: a worker looks, trains and proposes; the Models page shows the challenger."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edupulse_core.config import Settings
from edupulse_core.families import version as folders
from edupulse_core.lifecycle import registry
from edupulse_core.lifecycle.registry import Switch
from edupulse_core.store import experiments, jobs, triggers
from edupulse_core.store.database import open_store
from edupulse_core.store.triggers import TriggerCheck
from tests.app.conftest import OpenApp
from tests.families.toy.family import TOY
from tests.jobs.conftest import running, until
from tests.lifecycle import toys

SUNDAY = datetime(2027, 3, 14, 6, tzinfo=UTC)  # 01:00 in New York; at 02:00 clocks go forward
NEXT = datetime(2027, 3, 21, 5, tzinfo=UTC)  # 01:00 there again, an hour earlier in UTC
ALMOST = timedelta(seconds=2)  # before
LONG = 300  # s; only a failure waits that long


@pytest.fixture
def home(
    demo_home: Settings, open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A version from November serves, and the schedule last looked a week before."""
    copy = toys.copied(demo_home, tmp_path / "home")
    monkeypatch.setattr(TOY, "nightly", True)
    monkeypatch.setattr(TOY, "watching", toys.WATCHING)
    monkeypatch.setenv("EDUPULSE_HOME", str(copy.home))
    toys.put(copy, "first", toys.BAD)
    registry.activate(copy, "toy", "first", Switch("operator"))
    seen = TriggerCheck(
        "toy", "age", 2.9, 3.0, SUNDAY - timedelta(days=7), details={"on_schedule": True}
    )
    triggers.add(open_store(copy), [seen])
    return copy


def worker_at(home: Settings, when: datetime) -> object:
    where = {"EDUPULSE_HOME": str(home.home), "MOVED_CLOCK": when.isoformat()}
    return running("tests.jobs.sunday", "worker", **where)


def test_what_a_sunday_finds_is_trained_and_stands_on_the_page_as_challenger(
    home: Settings, open_app: OpenApp
) -> None:
    store = open_store(home)

    with toys.on_the_shelf(), worker_at(home, SUNDAY - ALMOST):
        until(lambda: experiments.running(store, "toy"), LONG)
        tried = experiments.running(store, "toy")
        assert tried is not None
        until(lambda: jobs.newest(store)[0].is_ended, LONG)
        page = open_app("steward", "models", tab="Experiment")
        page.selectbox(key="model").set_value("toy").run()

    looked = triggers.listed(store, "toy")[:4]
    assert {each.slot for each in looked} == {SUNDAY}
    assert all(SUNDAY <= each.at < SUNDAY + timedelta(minutes=1) for each in looked)
    (job,) = jobs.newest(store)
    assert {each.name: each.job_id for each in looked if each.fired} == {"age": job.job_id}
    assert (job.status, job.created_by) == ("completed", "schedule")
    made = registry.version_folder(home, "toy", tried.challenger)
    assert folders.header(made).created_at.startswith("2027-03-14T06:00")
    assert registry.metrics_of(made)["headline"]["mae"] > 0
    assert (tried.champion, tried.mode) == ("first", "shadow")
    assert f"{tried.challenger} beside first" in [each.value for each in page.subheader]

    with worker_at(home, NEXT - ALMOST):
        until(lambda: triggers.listed(store, "toy")[0].slot == NEXT, LONG)

    (fresh,) = {each.job_id for each in triggers.listed(store, "toy")[:4]}
    assert fresh is None and len(jobs.newest(store)) == 1
