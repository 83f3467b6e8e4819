"""Takes one job and sees it through: starts it, writes its row, stops it when asked."""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from edupulse_core.config import Settings
from edupulse_core.errors import EduPulseError
from edupulse_core.jobs import mail
from edupulse_core.jobs.child import CANCEL
from edupulse_core.jobs.kinds import STEPS
from edupulse_core.jobs.process import COMMAND, Child, Told
from edupulse_core.store import jobs
from edupulse_core.store.database import Store, open_store
from edupulse_core.store.jobs import Job

BACK_OFF = 4  # each retry waits this many times as long as the one before
_TICK = 0.1  # s between two looks at the process
_BEAT = 2.0  # s between two looks at the row, at most
_MERCY = 2.0  # s between being made to stop and being killed

logger = logging.getLogger("edupulse.jobs")


@dataclass(frozen=True)
class Supervisor:
    """What a worker runs jobs with."""

    settings: Settings
    is_stopping: Callable[[], bool] = lambda: False
    command: Sequence[str] = COMMAND
    claims: set[str] = field(default_factory=set)  # of the jobs that are being run here

    def run(self, job_id: str) -> None:
        """Run a job to its end, if it is still to be run and no other worker has it."""
        claim = _name()
        self.claims.add(claim)
        try:
            job = jobs.claim(open_store(self.settings), job_id, claim, datetime.now(UTC))
            if job is not None:
                self._run(open_store(self.settings), job)
        finally:
            self.claims.discard(claim)

    def _run(self, store: Store, job: Job) -> None:
        job_id = job.job_id
        logger.info("job %s: %s %s begins", job_id, job.kind, job.family or "")
        told = Told(STEPS.get(job.kind, {}), warnings=list(job.warnings), log=job.log)
        told.note(f"attempt {job.attempts}")
        try:
            with Child(self.command, self.settings, job, told) as child:
                why = self._watch(store, job, child, told)
                use = {"memory_mb": round(child.memory_mb, 1)}
            ending = self._ending(job, told, why, child.process.returncode)
        except BaseException:
            self._close(store, job, _released(job))
            raise
        is_ours = self._close(store, job, {**_state(told), **use, **ending})
        ended = ending["status"] if is_ours else "is another worker's"
        logger.info("job %s: %s", job_id, ": ".join(filter(None, (ended, ending.get("error")))))
        if is_ours and ending["status"] in jobs.ENDED:
            mail.tell(self.settings, jobs.read(store, job_id))

    def _watch(self, store: Store, job: Job, child: Child, told: Told) -> str:
        """Wait for the process; returns why it was stopped: empty if it ended by itself."""
        rules = self.settings.jobs
        limit = time.monotonic() + 60 * rules.max_minutes
        why, made_at, killed_at, beat_at = "", 0.0, 0.0, 0.0
        while not child.is_over():
            now = time.monotonic()
            if now >= beat_at:
                asked = self._beat(store, job, child, told)
                beat_at = now + min(_BEAT, rules.silent_seconds / 5)
                if asked is None:
                    return "lost"
                if not why:
                    why = "cancelled" if asked else "late" if now > limit else ""
            if not why and self.is_stopping():
                why = "stopping"
            if why and not made_at:
                child.tell(CANCEL)
                made_at = now + (0 if why == "stopping" else rules.cancel_seconds)
                killed_at = made_at + _MERCY
            elif why and now >= killed_at:
                child.end(signal.SIGKILL)
            elif why and now >= made_at:
                child.end(signal.SIGTERM)
            time.sleep(_TICK)
        return why

    def _beat(self, store: Store, job: Job, child: Child, told: Told) -> bool | None:
        """Write how far the job is; returns whether it is to be cancelled, None if it isn't ours.

        A store that cannot be written for a moment stops no job.
        """
        try:
            values = _state(told) | child.use()
            return jobs.beat(store, job, values, datetime.now(UTC))
        except EduPulseError as error:
            logger.warning("job %s: %s", job.job_id, error)
            return False

    def _ending(self, job: Job, told: Told, why: str, code: int) -> dict[str, Any]:
        """The columns that say how an attempt ended."""
        last = told.last
        if "result" in last:
            return _ended(jobs.COMPLETED, result=last["result"], progress=100.0, error=None)
        if why == "cancelled":
            return _ended(jobs.CANCELLED)
        if why == "stopping":
            return _released(job)
        if why == "late":
            minutes = f"{self.settings.jobs.max_minutes:g}"
            return _ended(jobs.FAILED, error=f"It took longer than {minutes} minutes.")
        if "error" in last:
            return _ended(jobs.FAILED, error=last["error"])
        how = last.get("crash") or f"its process ended unexpectedly ({_signal(code)})"
        return crashed(self.settings, job, how, told)

    def _close(self, store: Store, job: Job, ending: Mapping[str, Any]) -> bool:
        """Write the end, patiently: the work is done, and would be done again without it."""
        until = time.monotonic() + self.settings.jobs.silent_seconds
        while True:
            try:
                return jobs.change(store, job, ending)
            except EduPulseError:
                if time.monotonic() > until:
                    raise
            time.sleep(1)


def crashed(settings: Settings, job: Job, how: str, told: Told | None = None) -> dict[str, Any]:
    """The columns of a job whose process or worker died: it waits for a retry, or has failed."""
    rules = settings.jobs
    if job.attempts > rules.retries:
        return _ended(jobs.FAILED, error=f"It failed {job.attempts} times; the last time: {how}.")
    wait = rules.retry_seconds * BACK_OFF ** (job.attempts - 1)
    sentence = f"Attempt {job.attempts}: {how}. It runs again {wait:g} seconds later."
    told = told or Told(warnings=list(job.warnings), log=job.log)
    told.hear({"warning": sentence})
    return {
        "status": jobs.PENDING,
        "worker": None,
        "not_before": datetime.now(UTC) + timedelta(seconds=wait),
        "warnings": told.warnings,
        "log": told.log,
    }


def _state(told: Told) -> dict[str, Any]:
    return {
        "step": told.step,
        "progress": round(told.progress, 1),
        "warnings": list(told.warnings),
        "log": told.log,
    }


def _ended(status: str, **columns: Any) -> dict[str, Any]:
    return {"status": status, "completed_at": datetime.now(UTC), **columns}


def _released(job: Job) -> dict[str, Any]:
    """The columns of a job that its worker gives back, since it stops itself."""
    return {"status": jobs.PENDING, "worker": None, "attempts": job.attempts - 1}


def _name() -> str:
    """This claim, and no other: the machine and the process for people, and a number."""
    return f"{socket.gethostname()[:200]} {os.getpid()} {uuid4().hex[:8]}"


def _signal(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
