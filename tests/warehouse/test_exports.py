"""A cell of an export never runs as a formula."""

import csv
import io

import pytest

from edupulse_core.warehouse.exports import neutralise, write_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_starts_a_formula_gets_an_apostrophe(start):
    assert neutralise(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "Ana", "1=1", " =1", "'=1"])
def test_other_text_stays_as_it_is(text):
    assert neutralise(text) == text


def test_numbers_stay_numbers_and_none_is_empty():
    text = write_csv(["name", "-change"], [["=Ana", -0.5], ["Ben\n2", None]])

    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "'-change"],
        ["'=Ana", "-0.5"],
        ["Ben\n2", ""],
    ]
