"""A district's files come into their folder together, or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edupulse_core.demo import oracle
from edupulse_core.demo.bundle import FILES
from edupulse_core.files import alone

UNFINISHED = ".unfinished"  # in the folder that is written to; a kill leaves it there
_TRUTH = "truth"
_NAMES = (  # none of the others is ever there without the manifest, which counts on orgs
    *(f"{_TRUTH}/{name}" for name in oracle.FILES),
    "manifest.csv",
    *(f"{name}.csv" for name in reversed(FILES) if name != "manifest"),
)


@contextmanager
def finished(out: Path) -> Iterator[Path]:
    """A folder to write in, whose files are found in `out` once all of them are whole.

    What is raised, also amid their move, leaves `out` as it was; a kill there, a bundle that no
    import takes.  Raises RefusedError while another process writes to `out`.
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
    """What a kill left there is gone."""
    if folder.exists():
        shutil.rmtree(folder)
    return folder


def _replace(out: Path, made: Path, before: Path) -> None:
    """Set the files of an earlier district aside and move those made in; all, or none."""
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
