"""The quick way to read a file and the exact one come to the same rows."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from edupulse_core import sql
from edupulse_core.config import ImportRules
from edupulse_core.errors import SourceError
from edupulse_core.warehouse.bundles import read_bundle
from edupulse_core.warehouse.reading import stage
from edupulse_core.warehouse.sources import FILES

(FILE,) = (file for file in FILES if file.name == "caseloads")
HEADER = "counselorSourcedId,studentSourcedId,note\n"


def random_rows(rnd: random.Random) -> str:
    """Rows of three fields, some quoted, some broken."""
    ending = rnd.choice(["\n", "\r\n"])
    text = ""
    for _ in range(rnd.randint(1, 6)):
        fields = []
        for _ in range(rnd.choice([3, 3, 3, 3, 2, 4])):
            inside = "".join(
                rnd.choice(["x", ",", '""', "\n", " "]) for _ in range(rnd.randint(0, 4))
            )
            plain = "".join(rnd.choice(["x", " ", "é", '"']) for _ in range(rnd.randint(0, 3)))
            fields.append(f'"{inside}"' if rnd.random() < 0.4 else plain)
        text += ",".join(fields) + ending
    return text


def reference(text: str) -> tuple[list[tuple[int, str, str]], int]:
    """Python's strict reader: good rows with their numbers, and how many are not."""
    good, bad, number = [], 0, 1
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return good, bad
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise SourceError("a quotation mark is opened and never closed", file="x") from None
            row = ["broken"]
        if len(row) == 3:
            good.append((number, row[0], row[1]))
        elif row:  # a line without a character is no row
            bad += 1


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Where files are read, one after the other."""
    with duckdb.connect() as con:
        sql.run(con, "warehouse/sql/start")
        yield con


@pytest.mark.parametrize("seed", range(60))
def test_rows_are_split_as_the_standard_says(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, seed: int
):
    text = random_rows(random.Random(seed))
    (tmp_path / "caseloads.csv").write_bytes((HEADER + text).encode())
    source = read_bundle(tmp_path, tmp_path, ImportRules()).texts["caseloads"]
    try:
        expected = reference(text)
    except SourceError:
        with pytest.raises(SourceError, match="never closed"):
            stage(con, FILE, source, tmp_path)
        return

    bad = stage(con, FILE, source, tmp_path)

    good = con.execute(
        "select coalesce(row_number::bigint, rowid + 2), counselorSourcedId, studentSourcedId "
        "from raw order by rowid"
    ).fetchall()

    assert (good, bad) == expected
