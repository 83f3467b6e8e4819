"""Does one job in a process of its own, so that it can be stopped and leaves no memory behind.

Its worker writes to its standard input: first the job as a line of JSON, later perhaps `cancel`.
When that input ends, the worker is gone, and this process ends at once. What happens goes to the
worker as lines of JSON: `step`, `done`, `total`; `warning`; and at last `result`, `error`,
`cancelled` or `crash`. The worker alone writes to the job's row.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

from edupulse_core.config import load_settings
from edupulse_core.errors import CancelledError, EduPulseError, SourceError
from edupulse_core.jobs.kinds import KINDS, Kind, Work, plain
from edupulse_core.people import actor

CANCEL = "cancel"
CANCELLED = "The job was cancelled"
STOPPED = 128 + signal.SIGTERM  # the exit code of a process that was told to stop, as in a shell
_EVERY = 0.2  # s between two reports of the same step


class _Line:
    """The line to the worker, both ways."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._step, self._said_at = "", 0.0

    def say(self, **told: Any) -> None:
        """Write one line."""
        with self._lock:
            self._out.write(json.dumps(told) + "\n")
            self._out.flush()

    def listen(self) -> None:
        """Hear that the job is cancelled; end this process when its worker is gone."""
        for word in sys.stdin:
            if word.strip() == CANCEL:
                self._cancelled.set()
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)  # what this job started, too
        os._exit(1)

    def is_cancelled(self) -> bool:
        """Whether somebody cancelled the job."""
        return self._cancelled.is_set()

    def progress(self, step: str, done: int, total: int) -> None:
        """Report how far the work is. Raises CancelledError once somebody cancelled the job."""
        if self.is_cancelled():
            raise CancelledError(CANCELLED)
        now = time.monotonic()
        if step != self._step or done >= total or now - self._said_at >= _EVERY:
            self._step, self._said_at = step, now
            self.say(step=step, done=done, total=total)

    def warn(self, sentence: str) -> None:
        """Keep a sentence with the job."""
        self.say(warning=sentence)


def main(kinds: Mapping[str, Kind] = KINDS) -> NoReturn:
    """Do the job that the standard input names, and say how it ended."""
    os.umask(0o077)
    line = _Line(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is not for the worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's to answer
    signal.signal(signal.SIGTERM, _stop)
    code, job = 0, json.loads(sys.stdin.readline())
    threading.Thread(target=line.listen, daemon=True).start()
    try:
        work = Work(
            actor=actor.again(job["created_by"], job["role"]),
            settings=load_settings(),
            family=job["family"] or "",
            config=job["config"],
            progress=line.progress,
            cancel=line.is_cancelled,
            warn=line.warn,
        )
        line.say(result=plain(dict(kinds[job["kind"]](work)), work.settings.home))
    except CancelledError:
        line.say(cancelled=True)
    except EduPulseError as error:
        line.say(error=_told(error))
    except Exception as error:
        line.say(crash=_where(error))
        if os.environ.get("EDUPULSE_DEBUG"):
            traceback.print_exc()
    except SystemExit:
        code = STOPPED
    sys.stderr.flush()
    os._exit(code)  # all is said and written; to unload torch's libraries can take ten seconds


def _told(error: EduPulseError) -> str:
    """The sentence of an error, without what stands in a district's file."""
    if not isinstance(error, SourceError):
        return str(error)
    first = error.problems[0]
    row = f", row {first.row}" if first.row is not None else ""
    return f"{first.file}{row} cannot be read; `edupulse ingest --dry-run PATH` says why"


def _where(error: Exception) -> str:
    """What went wrong and where, without the words of the error, which may quote a record."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def _stop(signal_number: int, frame: object) -> NoReturn:
    sys.exit(STOPPED)  # unwinds, so that files and the audit trail are left in order


if __name__ == "__main__":
    main()
