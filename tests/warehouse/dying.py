"""Imports that are killed at a given step: `python -m tests.warehouse.dying`.

Each line that comes in is one import: a function, at which of its calls to die, the home and the
bundle. Each runs in a fork of this process, which has imported everything already. What goes out is
how it ended: a negative signal, or an exit code.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.warehouse import ingest, intake, loading, rejects, snapshots

ROOMS = {
    "files": files,
    "intake": intake,
    "loading": loading,
    "rejects": rejects,
    "snapshots": snapshots,
    "os": os,
}


def die(at: str, call: int, home: str, bundle: str) -> None:
    """Import, and kill this process when the function is called for the n-th time."""
    room, name = at.split(".")
    original = getattr(ROOMS[room], name)
    calls = 0

    def deadly(*args: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **more)

    setattr(ROOMS[room], name, deadly)
    ingest.ingest(Settings(home=Path(home)), Path(bundle))


def main() -> None:
    """Run what is asked for, one after another."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                die(*json.loads(line))
            finally:
                os._exit(1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
