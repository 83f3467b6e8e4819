"""`edupulse worker`: takes jobs from the queue, and sees that none is forgotten."""

import logging
import os
import threading
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
from huey import Huey
from huey.consumer import Consumer, Scheduler

from edupulse_core.actions.jobs import tidy
from edupulse_core.actions.retraining import SCHEDULE, run_due
from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError
from edupulse_core.jobs.process import COMMAND
from edupulse_core.jobs.supervisor import Supervisor, crashed
from edupulse_core.store import jobs, queue
from edupulse_core.store.database import open_store

_SCHEDULE = 60  # s between two looks at the week's schedule
_LOOK = 1.0  # s between two looks for jobs that wait or were left
_PATIENCE = 30  # s for the running jobs to be given back when the worker stops

logger = logging.getLogger("edupulse.jobs")


def look(settings: Settings, huey: Huey, claims: Collection[str] = ()) -> None:
    """Put back the jobs whose workers are gone, and the pending ones that the queue has lost.

    claims: of the jobs that are being run here. After this machine slept they look silent, too.
    """
    store, now = open_store(settings), datetime.now(UTC)
    for job in jobs.silent(store, now - timedelta(seconds=settings.jobs.silent_seconds)):
        if job.worker in claims:
            continue
        values = crashed(settings, job, "its worker ended")
        if job.cancel_asked_at:
            values = {"status": jobs.CANCELLED, "completed_at": now}
        jobs.change(store, job, values)
    due = jobs.due(store, now)
    known = queue.waiting(huey) if due else set()
    for job in due:
        if job.job_id not in known:
            huey.enqueue(huey.job.s(job.job_id, priority=job.priority))


class _Look(Scheduler):  # type: ignore[misc]  # Huey has no types
    """Looks after the rows, and does what the week's schedule asks for."""

    settings: Settings
    claims: Collection[str] = ()
    trouble = ""
    scheduled_at = 0.0

    def loop(self, now: Any = None) -> None:
        """Look once, and wait."""
        said = ""
        try:
            look(self.settings, self.huey, self.claims)
            if time.monotonic() >= self.scheduled_at:
                self.scheduled_at = time.monotonic() + _SCHEDULE
                run_due(SCHEDULE, self.settings)
                tidy(SCHEDULE, self.settings)
        except Exception as error:  # a store or a queue that is away comes back
            said = _sentence(error)
        if said and said != self.trouble:
            logger.warning("the jobs that wait cannot be read: %s", said)
        self.trouble = said
        self.stop_flag.wait(_LOOK)


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's consumer, which also looks after the rows."""

    def __init__(self, settings: Settings, huey: Huey, claims: Collection[str]) -> None:
        self.settings, self.claims = settings, claims
        super().__init__(
            huey,
            workers=settings.jobs.workers,
            periodic=False,
            max_delay=1.0,
            shutdown_timeout=_PATIENCE,
        )

    def _create_scheduler(self) -> _Look:
        made = _Look(self.huey, self.stop_flag, 1, False)
        made.settings, made.claims = self.settings, self.claims
        return made


def work(settings: Settings, *, beside: int = 0, command: Sequence[str] = COMMAND) -> None:
    """Run jobs until this process is told to stop; then give back those that run.

    beside: the process that started this one; when it ends, so does this one.
    """
    supervisor = Supervisor(settings, lambda: consumer.stop_flag.is_set(), command)
    huey = _open(settings, supervisor)
    consumer = _Consumer(settings, huey, supervisor.claims)
    if beside:
        threading.Thread(target=_stop_after, args=(beside, consumer), daemon=True).start()
    logger.info("ready for jobs")
    consumer.run()
    consumer.stop(graceful=True)
    logger.info("stopped; what was running waits for the next worker")


def work_once(settings: Settings, *, command: Sequence[str] = COMMAND) -> None:
    """Run the jobs that wait now, one after the other."""
    huey = _open(settings, Supervisor(settings, command=command))
    look(settings, huey)
    while (task := huey.dequeue()) is not None:
        huey.execute(task)


def _open(settings: Settings, supervisor: Supervisor) -> Huey:
    """The queue, whose messages the supervisor gets; what is wrong is said now, and once."""

    def run(job_id: str) -> None:
        try:
            supervisor.run(job_id)
        except Exception as error:  # the worker goes on; the row is taken up again
            logger.error("job %s: %s", job_id, _sentence(error))
            if os.environ.get("EDUPULSE_DEBUG"):
                raise

    logging.getLogger("huey").setLevel(logging.CRITICAL)  # it prints tracebacks
    open_store(settings)
    huey = queue.make(settings, run)
    try:
        huey.storage.queue_size()
    except Exception as error:
        raise ConfigError(f"the queue of jobs cannot be reached: {_sentence(error)}") from None
    return huey


def _stop_after(beside: int, consumer: Consumer) -> None:
    while os.getppid() == beside and psutil.pid_exists(beside):  # the first for zombies
        time.sleep(_LOOK)
    consumer.stop_flag.set()


def _sentence(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
