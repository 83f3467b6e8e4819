"""Work on the workers of Ray, which is an optional extra: a lost worker's work is done again."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from edupulse_core.errors import MissingError, RefusedError

RETRIES = 3  # times that a piece of work is begun again
MEMORY = 80 * 2**20  # bytes for what workers hand over: plans and a few numbers
INSTALL = "this needs Ray: install EduPulse with it, as in `pip install 'edupulse[ray]'`"


@contextmanager
def workers(count: int) -> Iterator["Workers"]:
    """Processes that work side by side until the block ends. Raises MissingError without Ray."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
    try:
        import ray
    except ImportError:
        raise MissingError(INSTALL) from None
    ray.init(
        address="local",
        num_cpus=count,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="error",
        object_store_memory=MEMORY,
    )
    try:
        yield Workers(ray)
    finally:
        ray.shutdown()


class Workers:
    """The workers: each takes one piece of work at a time."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray

    def begin(self, work: Callable[..., Any], *given: Any) -> Any:
        """Let the next free worker do something; returns a handle for `ended` and `result`."""
        return self._ray.remote(work).options(num_cpus=1, max_retries=RETRIES).remote(*given)

    def ended(self, handles: Collection[Any], seconds: float = 0.5) -> list[Any]:
        """Those that are done by now, after waiting for the first of them for a moment."""
        found: list[Any] = self._ray.wait(list(handles), timeout=seconds)[0]
        return found

    def result(self, handle: Any) -> Any:
        """What the work returned. Raises RefusedError if its worker was lost again and again."""
        try:
            return self._ray.get(handle)
        except self._ray.exceptions.WorkerCrashedError:
            raise RefusedError(
                f"a worker was lost {RETRIES + 1} times at the same work: too little memory, perhaps"
            ) from None
