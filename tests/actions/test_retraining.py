"""On Sundays the reasons to train again are looked at; a reason that holds asks for a training."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edupulse_core.actions import jobs
from edupulse_core.actions.retraining import SCHEDULE, check_triggers, run_due
from edupulse_core.config import RetrainingRules, Settings, load_settings
from edupulse_core.errors import MissingError, ModelError
from edupulse_core.lifecycle import registry
from edupulse_core.store import audit, triggers
from edupulse_core.store import jobs as rows
from edupulse_core.store.database import open_store
from tests.lifecycle.toys import copied

# three months after the shipped version was trained
SUNDAY = datetime(2027, 3, 7, 6, tzinfo=UTC)  # 01:00 in New York, in winter
NEXT_SUNDAY = datetime(2027, 3, 14, 6, tzinfo=UTC)  # an hour later the clocks go forward


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path) -> Settings:
    return copied(demo_home, tmp_path / "home")


def test_a_reason_that_holds_on_a_sunday_asks_for_one_training(home: Settings) -> None:
    store = open_store(home)

    before = run_due(SCHEDULE, home)  # it was imported just now
    found = run_due(SCHEDULE, home, SUNDAY + timedelta(seconds=30))
    again = run_due(SCHEDULE, home, SUNDAY + timedelta(hours=3))

    assert before == again == []
    (job,) = rows.newest(store)
    assert (job.kind, job.family, job.created_by) == ("train", "risk", "schedule")
    assert job.config == {"propose": True, "reasons": ["age"]}
    assert {each.name: each.job_id for each in found if each.job_id} == {"age": job.job_id}
    assert len(triggers.listed(store, "risk")) == len(found) == 4
    (line,) = audit.entries(store, action="check_triggers")
    assert line.actor == "schedule" and line.details["job"] == job.job_id


def test_of_two_machines_on_one_store_one_asks_for_the_training(home: Settings) -> None:
    store = open_store(home)

    looks = [check_triggers(SCHEDULE, home, "risk", now=SUNDAY, slot=SUNDAY) for _ in range(2)]

    assert [len(each) for each in looks] == [4, 0]
    assert len(rows.newest(store)) == 1 and len(triggers.listed(store, "risk")) == 4
    assert len(audit.entries(store, action="check_triggers")) == 1


def test_a_training_that_was_decided_on_but_not_asked_for_is_asked_for_at_the_next_look(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched, pytest.raises(OSError):
        patched.setattr(jobs, "submit", end)
        run_due(SCHEDULE, home, SUNDAY)
    assert rows.newest(open_store(home)) == []

    for minutes in (1, 2):
        assert run_due(SCHEDULE, home, SUNDAY + timedelta(minutes=minutes)) == []

    (job,) = rows.newest(open_store(home))
    assert job.config == {"propose": True, "reasons": ["age"]}
    assert job.job_id in {each.job_id for each in triggers.listed(open_store(home), "risk")}

    # another machine found no job a moment before this one asked
    asked = jobs.submit(SCHEDULE, home, "train", job.config, family="risk", job_id=job.job_id)

    assert asked == job.job_id and rows.newest(open_store(home)) == [job]
    assert len(audit.entries(open_store(home), action="submit_job")) == 1


def test_a_damaged_version_of_one_family_keeps_no_other_from_its_look(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edupulse_core.lifecycle import triggers as reasons

    asked = []

    def fail(_: object, name: str, __: object) -> None:
        asked.append(name)
        raise ModelError("damaged")

    monkeypatch.setattr(reasons, "check", fail)

    assert run_due(SCHEDULE, home, SUNDAY) == [] and len(asked) > 1


def test_no_second_training_is_asked_for_while_one_waits(home: Settings) -> None:
    run_due(SCHEDULE, home, SUNDAY)

    found = run_due(SCHEDULE, home, NEXT_SUNDAY)

    assert [each.name for each in found if each.fired] == ["age"]
    assert len(rows.newest(open_store(home))) == 1


def test_after_a_training_people_have_four_weeks_to_decide(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edupulse_core.lifecycle import triggers as reasons

    newest = registry.active_version(home, "risk")
    monkeypatch.setattr(reasons, "newest_version", lambda *_: home.home / "models/risk/new")
    monkeypatch.setattr(
        reasons,
        "trained_at",
        lambda folder: SUNDAY - timedelta(days=27 if folder.name == "new" else 100),
    )
    assert reasons.rests(home, "risk", SUNDAY)
    assert not reasons.rests(home, "risk", SUNDAY + timedelta(days=1))
    monkeypatch.setattr(reasons, "newest_version", lambda *_: newest)
    assert not reasons.rests(home, "risk", SUNDAY)  # it came with EduPulse


def test_a_schedule_that_is_off_and_a_home_without_data_ask_for_nothing(
    home: Settings, tmp_path: Path
) -> None:
    off = home.model_copy(update={"retraining": RetrainingRules(is_scheduled=False)})
    empty = load_settings(home=tmp_path / "empty")

    assert run_due(SCHEDULE, off, SUNDAY) == run_due(SCHEDULE, empty, SUNDAY) == []
    assert rows.newest(open_store(home)) == []


def test_a_look_that_fails_each_minute_fills_no_audit(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edupulse_core.lifecycle import triggers as reasons

    def fail(*_: object) -> None:
        raise MissingError("no version")

    monkeypatch.setattr(reasons, "check", fail)

    assert run_due(SCHEDULE, home, SUNDAY) == []
    assert [line for line in audit.entries(open_store(home)) if "trigger" in line.action] == []


def test_what_the_schedule_asks_for_is_a_job_that_a_worker_knows() -> None:
    assert {"propose", "reasons"} <= jobs.KINDS["train"].takes.keys()
    assert "propose" in jobs.KINDS["update"].takes
