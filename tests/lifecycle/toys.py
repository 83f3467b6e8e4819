"""A home with the demo district and versions of the toy family, made by hand."""

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection

from edupulse_core.config import Rules, Settings, load_settings
from edupulse_core.families import shelf
from edupulse_core.families import version as folders
from edupulse_core.families.family import CAME, Watching
from edupulse_core.store import estimates
from edupulse_core.store.database import open_store
from edupulse_core.store.runs import RunRecord
from tests.families.toy.family import INPUTS, ToyModel, save

TOY_LINE = "tests.families.toy.family:TOY"  # of the shelf
MADE = "2026-11-01T06:00:00+00:00"
GOOD = ToyModel([0.6, 0.1, 0.02], 0.02)
SAME = ToyModel([0.61, 0.1, 0.02], 0.02)
BAD = ToyModel([-0.6, -0.1, -0.02], 0.6)


@contextmanager
def on_the_shelf() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(shelf.SHELF, "toy", TOY_LINE)
        yield


def copied(home: Settings, folder: Path) -> Settings:
    shutil.copytree(home.home, folder)
    return load_settings(home=folder)


def put(home: Settings, version: str, model: ToyModel, features: tuple[str, ...] = INPUTS) -> Path:
    def fill(half: Path) -> None:
        save(model, half)
        folders.write_json(half / folders.METRICS, {"headline": {}})

    folder = home.home / "models" / "toy" / version
    about = folders.Header(version, "toy", MADE, features=features, algorithm="ridge")
    folders.save(folder, about, fill)
    return folder


CAME_SQL = """
select student_id as subject, '' as object, week_start as day, severity as value,
    null::varchar as label, severity > 0 as is_positive
from outcomes
where severity is not null and week_start in (select unnest($mondays::date[]))
"""


def _said(settings: Settings, folder: Path, run: RunRecord) -> pa.Table:
    return estimates.run_rows(open_store(settings), run.run_id or 0)


def _came(con: DuckDBPyConnection, rules: Rules, days: Collection[date]) -> pa.Table:
    return con.sql(CAME_SQL, params={"mondays": list(days)}).to_arrow_table().cast(CAME)


WATCHING = Watching(
    _said,
    _came,
    lambda said: np.full(len(said), np.nan),
    lambda said, rules: np.zeros(len(said), dtype=bool),
)
