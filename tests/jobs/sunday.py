"""`edupulse worker` and its jobs at another time, for a home that has the toy family alone.

`MOVED_CLOCK` is the moment at which the process begins. A look at the schedule is never far away.
"""

import os
import sys
import time
from datetime import datetime, timedelta, tzinfo
from functools import partial

from edupulse_core import cli
from edupulse_core.actions import experiments
from edupulse_core.actions import retraining as acts
from edupulse_core.families import shelf
from edupulse_core.jobs import child, worker
from edupulse_core.lifecycle import retraining
from tests.families.toy.family import TOY
from tests.lifecycle import toys

BEGAN = time.monotonic()


class Moved(datetime):
    """The clock of this process."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Moved":
        passed = timedelta(seconds=time.monotonic() - BEGAN)
        return cls.fromisoformat(os.environ["MOVED_CLOCK"]) + passed


def main(role: str) -> None:
    for module in (acts, experiments, retraining):
        module.datetime = Moved  # type: ignore[attr-defined]
    shelf.SHELF.clear()  # type: ignore[attr-defined]
    shelf.SHELF["toy"] = toys.TOY_LINE
    TOY.nightly, TOY.watching = True, toys.WATCHING
    if role == "job":
        child.main()
    worker._SCHEDULE = 0.1  # type: ignore[assignment]
    job = (sys.executable, "-m", "tests.jobs.sunday", "job")
    worker.work = partial(worker.work, command=job)
    sys.argv[1:] = ["worker"]
    cli.main()


if __name__ == "__main__":
    main(sys.argv[1])
