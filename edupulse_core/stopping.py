"""Make Ctrl-C end in one line and exit code 130, whatever was running. Imports nothing slow.

`python -m edupulse_core.stopping MODULE ...` runs another module this way.
"""

import os
import runpy
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

EXIT_CODE = 130  # 128 plus the number of the signal, as in a shell
_AGAIN = 0.5  # seconds until a stop that some library swallowed is raised again
_said: list[str] = []  # the words of the one line; empty until Ctrl-C


def was_asked() -> bool:
    """Whether Ctrl-C was pressed; an error after that is not worth a message."""
    return bool(_said)


@contextmanager
def one_line() -> Iterator[None]:
    """Within the block, answer Ctrl-C with one line and exit."""
    before = signal.signal(signal.SIGINT, _stop)
    try:
        yield
    except BaseException as error:
        is_done = isinstance(error, SystemExit) and not error.code
        if is_done or not was_asked():
            raise
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the way out is short
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, 0)
        print(f"edupulse: {'; '.join(_said)}", file=sys.stderr)
        if os.environ.get("EDUPULSE_DEBUG"):
            raise
        sys.exit(EXIT_CODE)
    signal.signal(signal.SIGINT, before)


@contextmanager
def publishing(pointer: Path) -> Iterator[None]:
    """After Ctrl-C within the block, also say that nothing was published, if so.

    pointer: the file that names the published warehouse.
    """
    before = _read(pointer)
    try:
        yield
    finally:
        if was_asked() and _read(pointer) == before:
            _said.append("nothing was published")


def become(*module: str, **environment: str) -> NoReturn:
    """Replace this process with another module, which then gets the signals and the memory."""
    command = [sys.executable, "-m", __name__, *module]
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(sys.executable, command, os.environ | environment)
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the other's to answer
    sys.exit(subprocess.run(command, env=os.environ | environment).returncode)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _stop(signal_number: int, frame: FrameType | None) -> None:
    """Leave by SystemExit, since libraries print their own words for a KeyboardInterrupt.

    Some libraries swallow both while they import others, so a timer raises it again. While an
    exception is being handled the stop was heard, and only another Ctrl-C interrupts the cleanup.
    """
    if signal_number != signal.SIGINT and sys.exception() is not None:
        return
    if not was_asked():
        _said.append("stopped")
        if sys.platform != "win32":
            signal.signal(signal.SIGALRM, _stop)
            signal.setitimer(signal.ITIMER_REAL, _AGAIN, _AGAIN)
    sys.unraisablehook = lambda _: None  # it may come where nothing can be raised
    warnings.simplefilter("ignore")  # of what is left half done
    sys.exit(EXIT_CODE)


if __name__ == "__main__":
    with one_line():
        del sys.argv[0]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
