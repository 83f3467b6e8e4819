"""Several workers share the jobs, and none is run twice."""

from pathlib import Path

import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.jobs.worker import work_once
from edupulse_core.store import jobs, queue
from edupulse_core.store.database import open_store
from tests.jobs.child import noted
from tests.jobs.conftest import CHILD, QUICK, ask, read, store_on, until, working

JOBS = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A home with store and queue in files, or on PostgreSQL and Redis."""
    where = ""
    if request.param == "postgresql":
        store = store_on(request.getfixturevalue("postgresql_server"))
        redis = request.getfixturevalue("redis_server")
        where = f'database_url = "{store}"\nqueue_url = "{redis}"\n'
    (tmp_path / "edupulse.toml").write_text(where + QUICK.replace("1.0", "30"))
    return load_settings(home=tmp_path)


def test_two_workers_share_the_jobs_and_run_none_twice(shared: Settings) -> None:
    with working(shared), working(shared):
        asked = [ask(shared, "add", a=n, b=n) for n in range(JOBS)]
        for job_id in asked:
            queue.put(shared, job_id, 0)  # the same message twice does no harm
        until(lambda: all(read(shared, job_id).is_ended for job_id in asked))

    found = [read(shared, job_id) for job_id in asked]
    assert [job.result["sum"] for job in found if job.result] == [2 * n for n in range(JOBS)]
    assert {job.attempts for job in found} == {1}
    assert noted(shared.home) == ["added"] * JOBS


def test_a_job_of_one_worker_is_not_to_be_claimed_by_another(shared: Settings) -> None:
    job_id = ask(shared, "add", a=1, b=2)
    store, now = open_store(shared), read(shared, job_id).created_at

    first = jobs.claim(store, job_id, "one", now)

    assert first is not None and jobs.claim(store, job_id, "other", now) is None
    assert jobs.beat(store, first, {}, now) is False
    assert jobs.change(store, first, {"status": "pending", "worker": None})
    assert jobs.claim(store, job_id, "other", now) is not None
    assert jobs.beat(store, first, {}, now) is None  # what was given up changes nothing more
    assert not jobs.change(store, first, {"status": "completed"})


def test_the_order_holds_on_any_queue(shared: Settings) -> None:
    later = ask(shared, "add", a=1, b=1)
    first = ask(shared, "add", a=2, b=2, priority=9)

    work_once(shared, command=CHILD)

    began = [read(shared, job_id).started_at for job_id in (first, later)]
    assert began == sorted(began, key=str)


def test_without_its_queue_a_job_waits_in_the_store(shared: Settings, tmp_path: Path) -> None:
    away = shared.model_copy(update={"queue_url": f"unix://{tmp_path}/nothing.sock"})

    job_id = ask(away, "add", a=1, b=2)

    assert not queue.is_up(away)
    work_once(shared, command=CHILD)
    assert read(shared, job_id).status == "completed"
