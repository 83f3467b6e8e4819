"""A file that one process at a time holds; the system lets go of it where its holder dies."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edupulse_core.errors import RefusedError


@contextmanager
def alone(path: Path, refusal: str) -> Iterator[None]:
    """Hold a file, made where there is none; RefusedError says so while another process does."""
    with open(path, "a+b") as file:
        if not _lock(file.fileno()):
            raise RefusedError(refusal)
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
