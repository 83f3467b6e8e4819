"""What becomes of a job: done, refused, cancelled, tried again; and never left as running."""

from edupulse_core.config import Settings
from edupulse_core.jobs.worker import work_once
from tests.jobs.conftest import CHILD, ask, read


def test_a_job_is_done_as_the_one_who_asked_for_it(settings: Settings) -> None:
    job_id = ask(settings, "add", a=1, b=2)

    work_once(settings, command=CHILD)

    job = read(settings, job_id)
    assert (job.status, job.progress, job.attempts, job.error) == ("completed", 100.0, 1, None)
    assert job.result == {"sum": 3, "by": "ada@north", "nothing": None}
    assert job.warnings == ["Small numbers."]
    assert "adding" in job.log and job.completed_at and job.started_at
