"""Asking for a job, cancelling it and running it again: who may, and what is noted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edupulse_core.actions import jobs
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import AccessError, InputError, MissingError
from edupulse_core.jobs import kinds
from edupulse_core.people import trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import OPERATOR, again, person
from edupulse_core.queries import jobs as shown
from edupulse_core.store import jobs as rows
from edupulse_core.store.database import open_store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path)


def test_every_kind_that_can_be_asked_for_is_done(settings: Settings) -> None:
    assert set(jobs.KINDS) == set(kinds.KINDS) == set(kinds.STEPS)


def test_a_job_waits_until_a_worker_takes_it(settings: Settings) -> None:
    job_id = jobs.submit(OPERATOR, settings, "evaluate", {"version": "risk-4"}, family="risk")

    job = shown.job(settings, job_id)
    assert (job.status, job.kind, job.family) == ("pending", "evaluate", "risk")
    assert (job.config, job.created_by, job.role) == (
        {"version": "risk-4"},
        "operator",
        "operator",
    )
    assert shown.counts(settings)["pending"] == 1
    assert shown.jobs(settings, "completed") == []


def test_the_night_goes_before_a_training(settings: Settings) -> None:
    train = jobs.submit(OPERATOR, settings, "train", family="risk")
    score = jobs.submit(OPERATOR, settings, "score")

    first, second = (shown.job(settings, job_id).priority for job_id in (score, train))
    assert first > second


@pytest.mark.parametrize(
    ("kind", "family", "config", "sentence"),
    [
        ("dance", None, {}, "no kind of job 'dance'"),
        ("train", None, {}, "needs family"),
        ("score", "risk", {}, "takes no family"),
        ("train", "weather", {}, "weather"),
        ("score", None, {"day": "2026-11-22"}, "no setting 'day'"),
        ("import", None, {}, "needs the setting 'path'"),
        ("score", None, {"request": float("nan")}, "must be plain JSON"),
        ("train", "risk", {"seed": "one"}, "seed: 'one'"),
        ("train", "risk", {"hyperparameters": [1]}, "hyperparameters: "),
        ("tune", "risk", {"trials": 2.5}, "trials: 2.5"),
        ("import", None, {"path": ["a", "b"]}, "path: "),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_waits(
    settings: Settings, kind: str, family: str | None, config: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        jobs.submit(OPERATOR, settings, kind, config, family=family)

    assert shown.jobs(settings) == []


def test_only_the_steward_and_the_district_ask_for_jobs(settings: Settings) -> None:
    teacher = person(Viewer("t1", "Tea", frozenset({"teacher"})))
    steward = person(Viewer("", "Sam", frozenset({"steward"})))
    job_id = jobs.submit(steward, settings, "score")

    for act in (
        lambda: jobs.submit(teacher, settings, "score"),
        lambda: jobs.cancel(teacher, settings, job_id),
        lambda: jobs.retry(teacher, settings, job_id),
    ):
        with pytest.raises(AccessError):
            act()
    assert shown.job(settings, job_id).status == "pending"


def test_a_job_is_asked_for_by_who_may_do_it(settings: Settings) -> None:
    lead = person(Viewer("", "Lee", frozenset({"district"})))

    with pytest.raises(AccessError):
        jobs.submit(lead, settings, "import", {"path": "somewhere"})

    assert shown.jobs(settings) == []


def test_a_job_has_the_roles_of_the_one_who_asked() -> None:
    again("operator", "operator").require()
    again("lee@example.org", "district+teacher").require("steward", "district")

    with pytest.raises(AccessError):
        again("lee@example.org", "district").require("steward")


def test_each_act_is_in_the_audit_trail(settings: Settings) -> None:
    job_id = jobs.submit(OPERATOR, settings, "train", family="risk")
    jobs.cancel(OPERATOR, settings, job_id)
    jobs.retry(OPERATOR, settings, job_id)

    lines = [(line.action, line.subject) for line in trail.entries(settings)]
    assert lines == [("retry_job", job_id), ("cancel_job", job_id), ("submit_job", job_id)]
    assert shown.job(settings, job_id).status == "pending"


def test_what_ended_long_ago_is_deleted_with_what_was_left_of_it(settings: Settings) -> None:
    waits, ended, fresh = (jobs.submit(OPERATOR, settings, "score") for _ in range(3))
    for job_id in (ended, fresh):
        jobs.cancel(OPERATOR, settings, job_id)
    later = datetime.now(UTC) + timedelta(days=settings.jobs.keep_days)
    left = settings.data / "training" / "risk-network-v1-0a.checkpoint"
    left.parent.mkdir()
    left.touch()

    kept = jobs.tidy(OPERATOR, settings, later - timedelta(days=1))
    assert kept == 0 and left.exists() and len(shown.jobs(settings)) == 3
    gone = jobs.tidy(OPERATOR, settings, later + timedelta(days=1))

    assert gone == 2 and not left.exists()
    assert [job.job_id for job in shown.jobs(settings)] == [waits]
    assert trail.entries(settings, action="forget_jobs")[0].details["jobs"] == 2


def test_the_last_ones_say_how_long_a_job_takes(settings: Settings) -> None:
    assert shown.usual_minutes(settings, "train", "risk") is None
    began = datetime(2026, 11, 2, tzinfo=UTC)
    for minutes, family in ((5, "risk"), (10, "risk"), (30, "risk"), (90, "admission")):
        job_id = jobs.submit(OPERATOR, settings, "train", family=family)
        job = rows.claim(open_store(settings), job_id, "w", began)
        assert job is not None
        ended = {"status": "completed", "completed_at": began + timedelta(minutes=minutes)}
        rows.change(open_store(settings), job, ended)

    assert shown.usual_minutes(settings, "train", "risk") == 10


def test_a_job_that_is_not_there_is_said_to_be_missing(settings: Settings) -> None:
    for act in (jobs.cancel, jobs.retry):
        for job_id in ("x", "", "\0", "'"):
            with pytest.raises(MissingError, match="there is no job"):
                act(OPERATOR, settings, job_id)
