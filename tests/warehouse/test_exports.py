"""A cell of an export never runs as a formula."""

import csv
import io

import pyarrow as pa
import pytest

from edupulse_core.errors import InputError
from edupulse_core.warehouse.exports import neutralize, write_csv, write_table


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_starts_a_formula_gets_an_apostrophe(start):
    assert neutralize(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "Ana", "1=1", " =1", "'=1"])
def test_other_text_stays_as_it_is(text):
    assert neutralize(text) == text


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
