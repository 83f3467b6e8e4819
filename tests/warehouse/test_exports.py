"""A cell of an export never runs as a formula."""

import csv
import io

import pyarrow as pa
import pytest

from edupulse_core.errors import InputError
from edupulse_core.warehouse.exports import neutralize, write_csv, write_table


@pytest.mark.parametrize("start", [*"=+-@\t\r＝＋－＠;", " =", "\xa0@"])
def test_text_that_starts_a_formula_gets_an_apostrophe(start):
    assert neutralize(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "Ana", "1=1", "'=1", "a-b", "x; y", "a\nb", "Zoë"])
def test_other_text_stays_as_it_is(text):
    assert neutralize(text) == text


@pytest.mark.parametrize("cut", ["\n", "\r\n", ";", '; "', "\n \n", "\u2028"])
def test_a_formula_behind_a_line_break_or_a_semicolon_gets_an_apostrophe_too(cut):
    harmless = f"'a{cut}'=1+1"

    assert neutralize(f"a{cut}=1+1") == harmless
    assert list(csv.reader(io.StringIO(write_csv(["x"], [[f"a{cut}=1+1"]]), newline="")))[1] == [
        harmless
    ]


@pytest.mark.parametrize("text", ["=1", " ＝1", "a\n+1", "a;@b", "Ana", "x; y", "\u2028-1"])
def test_a_table_and_a_cell_are_made_harmless_alike(tmp_path, text):
    batch = pa.record_batch({"name": [text]})

    write_table(batch.schema, [batch], tmp_path / "rows.csv")

    with open(tmp_path / "rows.csv", encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1] == [neutralize(text)]


def test_numbers_stay_numbers_and_none_is_empty():
    text = write_csv(["name", "-change"], [["=Ana", -0.5], ["Ben\n2", None]])

    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "'-change"],
        ["'=Ana", "-0.5"],
        ["Ben\n2", ""],
    ]


def test_a_table_is_written_as_csv_or_parquet_and_nothing_else(tmp_path):
    batch = pa.record_batch({"name": ["=Ana"]})

    with pytest.raises(InputError, match=r"must end in \.csv or \.parquet"):
        write_table(batch.schema, [batch], tmp_path / "rows.xlsx")

    assert list(tmp_path.iterdir()) == []


def test_a_table_that_breaks_off_leaves_the_file_before(tmp_path):
    batch = pa.record_batch({"name": ["=Ana"]})
    write_table(batch.schema, [batch, batch], tmp_path / "rows.csv")

    def broken():
        yield batch
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_table(batch.schema, broken(), tmp_path / "rows.csv")

    assert (tmp_path / "rows.csv").read_text().split() == ['"name"', '"\'=Ana"', '"\'=Ana"']
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]
