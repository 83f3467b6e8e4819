"""Move a district's files into their folder: all of them, or none."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edupulse_core.demo import learning, oracle
from edupulse_core.demo.bundle import FILES
from edupulse_core.files import alone

UNFINISHED = ".unfinished"  # in the folder that is written to; a kill leaves it there
_TRUTH = "truth"
_LAST = "orgs"  # without it, nothing that has a manifest is imported
_NAMES = (  # moved in this order
    *(f"{_TRUTH}/{name}" for name in oracle.FILES),
    *(f"{_TRUTH}/{name}.csv" for name in learning.TRUTH),
    "manifest.csv",
    *(f"{name}.csv" for name in (*FILES, *learning.FILES) if name not in ("manifest", _LAST)),
    f"{_LAST}.csv",
)


@contextmanager
def finished(out: Path) -> Iterator[Path]:
    """Yield a folder to write in; its files move to `out` when the block ends.

    If anything raises, even during the move, `out` stays as it was. If the process is killed
    during the move, no import accepts the bundle. Raises RefusedError while another process
    writes to `out`.
    """
    is_new, work = not out.exists(), out / UNFINISHED
    work.mkdir(parents=True, exist_ok=True)
    try:
        with alone(work / "lock", f"another district is being written to {out}"):
            try:
                yield _emptied(work / "made")
                _replace(out, work / "made", _emptied(work / "before"))
            finally:
                shutil.rmtree(work, ignore_errors=True)
    finally:
        if is_new:
            with suppress(OSError):
                out.rmdir()


def _emptied(folder: Path) -> Path:
    """Remove what a killed process left there."""
    if folder.exists():
        shutil.rmtree(folder)
    return folder


def _replace(out: Path, made: Path, before: Path) -> None:
    """Move the earlier district's files away and the new ones in: all of them, or none."""
    moves = [(out / name, before / name) for name in reversed(_NAMES)]
    moves += [(made / name, out / name) for name in _NAMES]
    begun = []
    try:
        for source, target in moves:
            if source.exists():
                begun.append((source, target))
                target.parent.mkdir(parents=True, exist_ok=True)
                source.rename(target)
    except BaseException:
        for source, target in reversed(begun):
            if not source.exists():
                target.rename(source)
        raise
    finally:
        with suppress(OSError):  # some of it is there
            (out / _TRUTH).rmdir()
