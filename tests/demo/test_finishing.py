"""A fictional district comes into its folder whole, whatever happens on the way."""

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from edupulse_core import demo
from edupulse_core.config import Settings
from edupulse_core.demo.finishing import finished
from edupulse_core.errors import RefusedError, SourceError
from edupulse_core.warehouse.ingest import ingest

pytestmark = pytest.mark.slow

OnMove = Callable[[Callable[[int], None], Callable[[int], None]], None]


def write(out: Path, seed: int) -> Path:
    end = date(2026, 2, 15)
    demo.write(out, students=30, years=1, weeks=1, end=end, futures=1, seed=seed)
    return out


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district that is only ever copied."""
    return write(tmp_path_factory.mktemp("first") / "out", 1)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def nothing(_: int) -> None:
    pass


@pytest.fixture
def on_move(monkeypatch: pytest.MonkeyPatch) -> OnMove:
    """Act before and after each file is renamed; both are told how many were before it."""

    def act(before: Callable[[int], None], after: Callable[[int], None]) -> None:
        moved: list[str] = []
        for name in ("rename", "replace"):
            move = getattr(os, name)

            def watched(*paths: Any, move: Callable[..., None] = move) -> None:
                moved.append("")
                before(len(moved) - 1)
                move(*paths)
                after(len(moved) - 1)

            monkeypatch.setattr(os, name, watched)

    return act


@pytest.mark.parametrize(
    ("at", "error"),
    [
        (0, SystemExit(130)),
        (32, SystemExit(130)),
        (65, SystemExit(130)),
        (1, OSError(28, "No space left on device")),
        (33, OSError(28, "No space left on device")),
    ],
)
def test_what_stops_the_last_step_leaves_the_folder_as_it_was(
    at: int, error: BaseException, first: Path, tmp_path: Path, on_move: OnMove
) -> None:
    def stop(moved: int) -> None:
        if moved == at:
            raise error

    out = Path(shutil.copytree(first, tmp_path / "out"))
    (out / "truth" / "mine.txt").write_text("a note")
    before = contents(out)
    on_move(*((nothing, stop) if isinstance(error, SystemExit) else (stop, nothing)))

    with pytest.raises(type(error)):
        write(out, 2)

    assert contents(out) == before
    assert not list(out.glob(".*"))


def test_what_stops_a_first_district_leaves_no_folder(tmp_path: Path, on_move: OnMove) -> None:
    def stop(moved: int) -> None:
        if moved == 9:
            raise SystemExit(130)

    on_move(nothing, stop)

    with pytest.raises(SystemExit):
        write(tmp_path / "out", 1)

    assert not list(tmp_path.iterdir())


def test_no_import_takes_a_part_of_two_districts(tmp_path: Path, on_move: OnMove) -> None:
    settings = Settings(home=tmp_path / "home", import_day=date(2026, 3, 2))
    out = write(tmp_path / "out", 1)
    ingest(settings, out)
    tried, taken = [0, 1, 24, 42, 43, 65], []

    def try_it(moved: int) -> None:
        if moved not in tried:
            return
        try:
            ingest(settings, out, dry_run=True)
        except SourceError:
            taken.append(False)
        else:
            taken.append(True)

    on_move(try_it, nothing)
    write(out, 2)

    assert taken == [True] + [False] * (len(tried) - 1)


def test_two_districts_are_not_written_to_one_folder_at_once(tmp_path: Path) -> None:
    out = tmp_path / "out"

    with finished(out) as made:
        made.mkdir()
        (made / "orgs.csv").write_text("first")
        with pytest.raises(RefusedError, match="another district is being written to .*out"):
            write(out, 2)

    assert [path.read_text() for path in out.iterdir()] == ["first"]
