"""A file made to do harm is refused after a bounded look, however long it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.config import ImportRules
from edupulse_core.errors import SourceError
from edupulse_core.warehouse import bundles as reader
from edupulse_core.warehouse import records
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

COLUMNS = "sourcedId,studentSourcedId,date,status"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many characters each call took from a file."""
    taken: list[int] = []
    opened = records._open

    class Counting:
        def __init__(self, path: Path) -> None:
            self._stream = opened(path)

        def __enter__(self) -> "Counting":
            return self

        def __exit__(self, *_: Any) -> None:
            self._stream.close()

        def readline(self, size: int) -> str:
            line = self._stream.readline(size)
            taken.append(len(line))
            return line

    monkeypatch.setattr(records, "_open", Counting)
    return taken


def write(path: Path, parts: Iterator[str]) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.writelines(parts)
    return path


def endless(text: str, n: int) -> Iterator[str]:
    yield from (text for _ in range(n))


@pytest.mark.parametrize("n", [1_001, 100_000, 1_000_000])
def test_a_header_of_too_many_columns_is_refused_after_a_bounded_look(
    tmp_path: Path, counted: list[int], n: int
) -> None:
    path = write(tmp_path / "x.csv", endless("column,", n))

    with pytest.raises(SourceError, match=r"columns found; a file may have 1,000"):
        records.header(path, "x.csv")

    assert sum(counted) <= records.LONGEST_ROW + 1


def test_a_thousand_columns_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", iter([",".join(f"c{n}" for n in range(1_000)) + "\n"]))

    found = records.header(path, "x.csv")

    assert found is not None and found.fields is not None and len(found.fields) == 1_000


@pytest.mark.parametrize("size", [2**21, 2**23])
@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [
        ("a1,ana,", "x"),  # an endless line
        ('a1,"ana,', "x,y\n"),  # a quotation mark that never closes
        ("a1", ',"\n"'),  # a row of endless fields that goes on over lines
    ],
)
def test_an_endless_row_is_refused_after_a_bounded_look(
    tmp_path: Path, counted: list[int], begins: str, goes_on: str, size: int
) -> None:
    parts = [f"{COLUMNS}\n", begins, goes_on * (size // len(goes_on))]
    path = write(tmp_path / "x.csv", iter(parts))

    with pytest.raises(SourceError, match=r"row 2: longer than 2 MB"):
        list(records.rows(path, "x.csv"))

    assert sum(counted) <= records.LONGEST_ROW + len(COLUMNS) + 2


@pytest.mark.parametrize(("letter", "bytes_each"), [("x", 1), ("é", 2), ("\U0001f600", 4)])
@pytest.mark.parametrize("more", [0, 1])
def test_a_field_may_have_64_kilobytes(
    tmp_path: Path, letter: str, bytes_each: int, more: int
) -> None:
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    text = letter * (2**16 // bytes_each + more)
    with open(folder / "incidents.csv", "a", encoding="utf-8") as out:
        out.write(f"i2,ben,2025-09-15,{text},2,,\n")
    found = reader.read_bundle(folder, tmp_path, ImportRules()).texts["incidents"]

    rows = records.rows(found.path, found.file, columns=found.header)
    if not more:
        assert len(list(rows)) == 3
        return
    with pytest.raises(SourceError) as refused:
        list(rows)
    (problem,) = refused.value.problems
    assert (problem.file, problem.row, problem.column) == ("incidents.csv", 3, "type")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["type", "shoe size"])
def test_a_field_that_is_too_long_stops_the_import_whether_it_is_read_or_not(
    settings, tmp_path: Path, name: str
) -> None:
    files = bundles.small()
    files["incidents"][0][name] = "x" * (2**16 + 1)

    with pytest.raises(SourceError) as refused:
        ingest(settings, bundles.write(tmp_path / "bundle", files))

    (problem,) = refused.value.problems
    assert (problem.file, problem.row, problem.column) == ("incidents.csv", 2, name)


@pytest.mark.slow
def test_a_header_of_a_million_columns_is_a_problem_like_any_other(
    settings, tmp_path: Path, counted: list[int]
) -> None:
    folder = bundles.write(tmp_path / "bundle", bundles.small())
    write(folder / "attendance.csv", endless("status,", 1_000_000))
    (folder / "users.csv").write_text("")

    with pytest.raises(SourceError) as refused:
        ingest(settings, folder)

    assert {each.file for each in refused.value.problems} == {"attendance.csv", "users.csv"}
    assert max(counted) <= records.LONGEST_ROW + 1
