"""Files of real data, read or refused in one sentence."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from edupulse_core.errors import MissingError, SourceError


@dataclass(frozen=True)
class Column:
    """What the cells of a column must be."""

    kind: Literal["text", "number", "whole"]
    empty: bool = False  # whether a cell may be
    low: float = -math.inf
    high: float = math.inf


TEXT, MAYBE_TEXT = Column("text"), Column("text", empty=True)
NUMBER, MAYBE_NUMBER = Column("number"), Column("number", empty=True)
WHOLE, COUNT = Column("whole"), Column("whole", low=0)
FLAG = Column("whole", low=0, high=1)
SHARE = Column("number", low=0, high=1)


def read(
    path: Path,
    columns: Mapping[str, Column],
    *,
    key: Sequence[str] = (),
    others: Column | None = None,
) -> pd.DataFrame:
    """A parquet or CSV file; MissingError or SourceError if it is not what it should be.

    columns: those that must be there; text comes as plain objects, whole numbers as int64.
    key: columns that together name a row.  others: what the cells of all other columns must be.
    """
    if not path.is_file():
        raise MissingError(
            f"this benchmark needs real data: there is no file {path} (docs/measured.md, Real "
            "outcomes, says where it comes from)"
        )
    csv = path.suffix == ".csv"
    try:
        table = pd.read_csv(path, low_memory=False) if csv else pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise SourceError(f"not a {path.suffix[1:]} file: {error}", file=path.name) from None
    first = 2 if csv else 1  # the row that the first cell stands in
    for name in columns:
        if name not in table.columns:
            raise SourceError("there is no such column", file=path.name, column=name)
    for name in table.columns:
        must = columns.get(name, others)
        if must is not None:
            at, problem = _first_problem(table[name], must)
            if problem:
                raise SourceError(problem, file=path.name, row=first + at, column=name)
            table[name] = _as(table[name], must)
    twice = table.duplicated(list(key)) if key else pd.Series(dtype=bool)
    if twice.any():
        raise SourceError(
            "there is an earlier row of the same",
            file=path.name,
            row=first + int(twice.to_numpy().argmax()),
            column=", ".join(key),
        )
    return table


def _first_problem(cells: pd.Series, must: Column) -> tuple[int, str]:
    """The place of the first cell that is not what it must be, and a few words; none if all are."""
    empty = _empty(cells)
    if not must.empty and empty.any():
        return int(empty.argmax()), "empty"
    if must.kind == "text":
        return 0, ""
    numbers = _numbers(cells)
    wrong = ~empty & ~np.isfinite(numbers)
    words = "not a number"
    if not wrong.any() and must.kind == "whole":
        wrong, words = ~empty & (numbers % 1 != 0), "not a whole number"
    if not wrong.any():
        wrong = ~empty & ((numbers < must.low) | (numbers > must.high))
        words = f"not between {must.low:g} and {must.high:g}"
        words = f"less than {must.low:g}" if must.high == math.inf else words
    at = int(wrong.argmax())
    return (at, f"{words}: {str(cells.iloc[at])!r}") if wrong.any() else (0, "")


def _as(cells: pd.Series, must: Column) -> pd.Series:
    """Checked cells in the type that comparisons and sums expect."""
    if must.kind == "text":
        return cells.where(cells.isna(), cells.astype(str)).astype(object)
    numbers = pd.Series(_numbers(cells), cells.index)
    return numbers.astype(np.int64) if must.kind == "whole" and not must.empty else numbers


def _empty(cells: pd.Series) -> np.ndarray:
    blank = cells.astype(str).str.strip() == "" if _is_text(cells) else False
    return (cells.isna() | blank).to_numpy(bool)


def _numbers(cells: pd.Series) -> np.ndarray:
    """NaN where a cell is no number."""
    if _is_text(cells):
        cells = pd.to_numeric(cells.astype(object), errors="coerce")
    return cells.to_numpy(np.float64, na_value=np.nan)


def _is_text(cells: pd.Series) -> bool:
    return not (pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells))
