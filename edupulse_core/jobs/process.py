"""The process that does a job, as its worker sees it: what it says and uses, how it ends."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import psutil

from edupulse_core.config import Settings
from edupulse_core.progress import parts_left
from edupulse_core.store.jobs import Job

COMMAND = (sys.executable, "-m", "edupulse_core.jobs.child")
LONGEST_LOG = 20_000  # characters; the newest are kept
LONGEST_STEP = 200


@dataclass
class Told:
    """What a job's process said so far."""

    ends: Mapping[str, float] = field(default_factory=dict)  # step → percent when it is done
    step: str = ""
    progress: float = 0.0  # percent of the whole; never goes back
    warnings: list[str] = field(default_factory=list)
    log: str = ""
    last: dict[str, Any] = field(default_factory=dict)  # how it ended, in its own words
    _from: float = 0.0  # percent when the step began
    _quarter: int = 0  # of the step, as last noted in the log

    def hear(self, said: Mapping[str, Any]) -> None:
        """Take in one line."""
        if "step" in said:
            step = str(said["step"])[:LONGEST_STEP]
            share = min(1.0, said["done"] / max(said["total"], 1))
            if step != self.step:
                self.step, self._quarter, self._from = step, 0, self.progress
                self.note(step)
            elif (quarter := int(4 * share)) > self._quarter:
                self._quarter = quarter
                self.note(f"{step} {quarter / 4:.0%}")
            self.progress = max(self.progress, self._from + share * (self._end(step) - self._from))
        elif "warning" in said:
            self.warnings.append(said["warning"])
            self.note(said["warning"])
        else:
            self.last = dict(said)

    def _end(self, step: str) -> float:
        """The percent of the whole at which a step ends."""
        if not self.ends:
            return 100.0
        if left := parts_left(step):  # each of those left takes as much
            return self._from + max(0.0, max(self.ends.values()) - self._from) / left
        return self.ends.get(step, self._from)

    def note(self, sentence: str) -> None:
        """Add a line to the log."""
        line = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {sentence}\n"
        self.log = (self.log + line)[-LONGEST_LOG:]


class Child:
    """A job's process and what it uses."""

    def __init__(self, command: Sequence[str], settings: Settings, job: Job, told: Told) -> None:
        environment = {
            "EDUPULSE_HOME": str(settings.home),
            "EDUPULSE_DATABASE_URL": settings.database_url,
            "EDUPULSE_QUEUE_URL": settings.queue_url,
        }
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | environment,
            start_new_session=True,  # so that what it starts can be ended with it
        )
        names = ("kind", "family", "config", "created_by", "role")
        self.tell(json.dumps({name: getattr(job, name) for name in names}))
        self._told = told
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._seen: dict[int, psutil.Process] = {}
        self.memory_mb = 0.0

    def __enter__(self) -> Self:
        """Watch it until the block ends."""
        return self

    def __exit__(self, *error: object) -> None:
        """Leave no process behind."""
        if self.process.poll() is None:
            self.end(signal.SIGKILL)
        self.process.wait()
        for one in self._seen.values():  # what it started, where it died before them
            with suppress(psutil.Error):
                one.kill()
        self._reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):  # it died with our words unread
                    pipe.close()

    def tell(self, word: str) -> None:
        """Write a line to it; nothing if it is gone."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.write(word + "\n")
            self.process.stdin.flush()

    def is_over(self) -> bool:
        """Whether it has ended, and all its words were heard."""
        if self.process.poll() is None:
            return False
        self._reader.join(5)
        return True

    def end(self, how: signal.Signals) -> None:
        """Send a signal to it and to all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, how)

    def use(self) -> dict[str, float]:
        """How much of a processor it uses now, and its largest memory so far."""
        cpu = memory = 0.0
        with suppress(psutil.Error):  # it ended while we looked
            root = psutil.Process(self.process.pid)
            for one in [root, *root.children(recursive=True)]:
                one = self._seen.setdefault(one.pid, one)  # counts since the last look
                cpu += one.cpu_percent()
                memory += one.memory_info().rss / 2**20
        self.memory_mb = max(self.memory_mb, memory)
        return {"cpu_percent": round(cpu, 1), "memory_mb": round(self.memory_mb, 1)}

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with suppress(ValueError):  # it died in the middle of a line
                self._told.hear(json.loads(line))
