"""A job's process with kinds that take no time, or as long as a test wants."""

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edupulse_core.errors import RefusedError
from edupulse_core.families import shelf
from edupulse_core.jobs import child, kinds
from edupulse_core.jobs.kinds import Work

TOY = "tests.families.toy.family:TOY"


def add(work: Work) -> Mapping[str, Any]:
    """Add two numbers, and write down who did."""
    work.progress("adding", 1, 2)
    work.warn("Small numbers.")
    note(work, "added")
    return {
        "sum": work.config["a"] + work.config["b"],
        "by": work.actor.name,
        "nothing": float("nan"),
    }


def wait(work: Work) -> Mapping[str, Any]:
    """Go on until cancelled."""
    note(work, "began")
    for n in range(10_000):
        work.progress("waiting", n, 10_000)
        time.sleep(0.02)
    return {}


def stubborn(work: Work) -> Mapping[str, Any]:
    """Go on without ever asking whether to stop."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note(work, "began")
    time.sleep(600)
    return {}


def refuse(work: Work) -> Mapping[str, Any]:
    note(work, "began")
    raise RefusedError("the history is too short")


def crash(work: Work) -> Mapping[str, Any]:
    note(work, "began")
    raise ZeroDivisionError("it divided by zero")


def die(work: Work) -> Mapping[str, Any]:
    """End as a process that runs out of memory does, in its first `deaths` attempts."""
    note(work, "began")
    if noted(work.settings.home).count("began") <= work.config["deaths"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"survived": True}


def note(work: Work, word: str) -> None:
    with (work.settings.home / "noted").open("a") as file:
        file.write(f"{word}\n")


def noted(home: Path) -> list[str]:
    """What the jobs of a home wrote down."""
    path = home / "noted"
    return path.read_text().split() if path.exists() else []


OWN = {each.__name__: each for each in (add, wait, stubborn, refuse, crash, die)}

if __name__ == "__main__":
    shelf.SHELF["toy"] = TOY
    child.main({**kinds.KINDS, **OWN})
