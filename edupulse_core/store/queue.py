"""The queue of jobs: Huey on SQLite in the home, or on Redis where several machines share it.

A message is a job's id and nothing else. The store's rows say what is to be done, so a queue that
is lost is filled again from them, and nothing in it is ever executed.
"""

import logging
import os
import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from huey import Huey, PriorityRedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError

Run = Callable[[str], None]  # what a worker does with a job's id

logger = logging.getLogger("edupulse.jobs")
_opened: dict[tuple[int, str], Huey] = {}
_opening = threading.Lock()


class _Ids(Serializer):  # type: ignore[misc]  # Huey has no types
    """Writes a message as its job's id, where Huey would pickle it."""

    task = ""

    def _serialize(self, data: Any) -> bytes:
        return str(data.args[0]).encode()

    def _deserialize(self, data: Any) -> Message:
        return Message(id=None, name=self.task, args=(bytes(data).decode(),))


def make(settings: Settings, run: Run) -> Huey:
    """A queue whose messages are handed to `run`. Raises ConfigError if it cannot be opened."""
    ids = _Ids()
    options: dict[str, Any] = {"serializer": ids, "results": False}
    # Two districts may share a Redis; their stores tell them apart
    name = f"edupulse{sha256(settings.store_url.encode()).hexdigest()[:12]}"
    try:
        if settings.queue_url:
            huey = PriorityRedisHuey(name, url=settings.queue_url, **options)
        else:
            settings.make_home()
            path = settings.data / "queue.db"
            huey = SqliteHuey(name, filename=str(path), timeout=60, **options)
    except Exception as error:  # of Redis's address, or of SQLite's file
        raise ConfigError(f"the queue of jobs cannot be opened: {error}") from None
    made = huey.task(name="job")(run)
    huey.job, ids.task = made, f"{made.task_class.__module__}.{made.task_class.__name__}"
    return huey


def _ours(settings: Settings) -> Huey:
    """The queue of this process, to put jobs in."""
    key = (os.getpid(), f"{settings.queue_url} {settings.store_url}")
    with _opening:
        if key not in _opened:
            _opened[key] = make(settings, _refuse)
        return _opened[key]


def _refuse(job_id: str) -> None:
    raise NotImplementedError(job_id)  # only a worker takes jobs out


def put(settings: Settings, job_id: str, priority: int) -> None:
    """Tell the workers of a job. If the queue cannot be reached, they find its row a little later.

    priority: a higher one goes first.
    """
    try:
        huey = _ours(settings)
        huey.enqueue(huey.job.s(job_id, priority=priority))
    except Exception as error:  # of Redis's client or SQLite
        logger.warning("job %s waits in the store; the queue said: %s", job_id, error)


def waiting(huey: Huey) -> set[str]:
    """The ids in a queue."""
    return {bytes(data).decode() for data in huey.storage.enqueued_items()}


def is_up(settings: Settings) -> bool:
    """Whether the queue can be reached."""
    try:
        _ours(settings).storage.queue_size()
    except Exception:  # of Redis's client or SQLite
        return False
    return True
