"""How fast features are built, in how much memory, and beside plain pandas, value by value.

`edupulse bench features [--quick] [--json]`. Districts of 1,000, 10,000 and
100,000 fictional students (100,000: the 10,000 ten times); each is built by a process of its own,
three times, labels included, and the median counts. Pandas computes the first 100 students of the
smallest district, a student and a week at a time and every window anew, as one would write it down
from the contract: it is there to check every value, and pandas can be written to be faster.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import numpy as np
from rich.console import Console
from rich.table import Table

from edupulse_core import demo, sql
from edupulse_core.config import Settings, load_settings
from edupulse_core.features import build
from edupulse_core.features.catalogue import NAMES
from edupulse_core.warehouse import ingest, snapshots
from tests.benchmarks.command import carry_out
from tests.features import reference
from tests.features.reference_tables import Warehouse

ROUNDS = 3
END = date(2026, 11, 15)
MULTIPLY = (Path(__file__).parent / "multiply.sql").read_text(encoding="utf-8")
MEGABYTE = 1024 if sys.platform != "darwin" else 2**20  # of ru_maxrss


def run(settings: Settings, *, quick: bool = False) -> dict[str, Any]:
    """Student-weeks per second and peak memory (MB) by size, and the ratio to pandas."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        small = _district(settings, home / "small", 300 if quick else 1_000)
        sizes = [_measure(small, 300 if quick else 1_000)]
        peer = _beside_pandas(small, students=5 if quick else 100)
        medium = _district(settings, home / "medium", 1_000 if quick else 10_000)
        sizes.append(_measure(medium, 1_000 if quick else 10_000))
        if not quick:
            large = _multiplied(settings, medium, home / "large", 10)
            sizes.append(_measure(large, 100_000))
    ratio = sizes[0]["rows_per_second"] / peer["rows_per_second"]
    return {"sizes": sizes, "pandas": peer, "ratio": ratio, "threads": settings.threads}


def _district(settings: Settings, home: Path, students: int) -> Settings:
    home.mkdir()
    own = load_settings(home=home, threads=settings.threads, memory_limit=settings.memory_limit)
    demo.write(home / "bundle", students=students, end=END, truth=False, learning=False)
    ingest.ingest(own, home / "bundle")
    return own


def _multiplied(settings: Settings, part: Settings, home: Path, copies: int) -> Settings:
    home.mkdir()
    own = load_settings(home=home, threads=settings.threads, memory_limit=settings.memory_limit)
    path = home / "whole.duckdb"
    con = duckdb.connect()
    try:
        snapshots.limit(con, own)
        con.execute("set temp_directory = $folder", {"folder": str(home / "spill")})
        con.execute("attach $path as whole", {"path": str(path)})
        con.execute("attach $path as part (read_only)", {"path": str(snapshots.current(part).path)})
        con.execute("use whole")
        sql.run(con, "warehouse/sql/schema")
        for statement in con.extract_statements(MULTIPLY):
            con.execute(statement, dict.fromkeys(statement.named_parameters, copies))
    finally:
        con.close()
    snapshots.folder(own).mkdir(parents=True)
    snapshots.publish(own, path, "multiplied")
    return own


def _measure(settings: Settings, students: int) -> dict[str, Any]:
    rounds = [_build_apart(settings) for _ in range(ROUNDS)]
    seconds = median(one["seconds"] for one in rounds)
    rows = rounds[0]["rows"]
    return {
        "students": students,
        "rows": rows,
        "seconds": seconds,
        "rows_per_second": rows / seconds,
        "cpu_seconds": median(one["cpu_seconds"] for one in rounds),
        "peak_mb": max(one["peak_mb"] for one in rounds),
    }


def _build_apart(settings: Settings) -> dict[str, float]:
    given = json.dumps(
        settings.model_dump(include={"home", "threads", "memory_limit"}, mode="json")
    )
    command = [sys.executable, "-m", "tests.benchmarks.bench_features", "--child", given]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _child(given: str) -> dict[str, float]:
    """Build once; what a fresh process took for it."""
    settings = load_settings(**json.loads(given))
    snapshot = snapshots.current(settings)
    start, cpu = time.perf_counter(), time.process_time()
    build.build(settings, snapshot)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    with snapshots.connect(settings, snapshot, features=True) as con:
        rows = con.execute("select count(*) from features").fetchall()[0][0]
    return {"seconds": seconds, "cpu_seconds": cpu, "rows": rows, "peak_mb": peak}


def _beside_pandas(settings: Settings, students: int) -> dict[str, Any]:
    with snapshots.connect(settings, features=True) as con:
        start = time.perf_counter()
        warehouse = Warehouse(con)
        expected = reference.features(warehouse, settings, first=students)
        seconds = time.perf_counter() - start
        found = con.sql("from features order by student_id, week_start").df()
    found = found.head(len(expected))
    assert found.student_id.equals(expected.student_id), "not the same students"
    assert (found.week_start == expected.week_start).all(), "not the same weeks"
    ours = found[list(NAMES)].to_numpy(float)
    theirs = expected[list(NAMES)].to_numpy(float)
    assert (np.isnan(ours) == np.isnan(theirs)).all(), "not unknown at the same places"
    return {
        "students": students,
        "rows": len(expected),
        "seconds": seconds,
        "rows_per_second": len(expected) / seconds,
        "largest_difference": float(np.nanmax(np.abs(ours - theirs))),
    }


def show(found: dict[str, Any]) -> None:
    table = Table(title=f"Features and labels, {found['threads']} threads")
    for name in ("students", "student-weeks", "seconds", "CPU s", "student-weeks/s", "peak MB"):
        table.add_column(name, justify="right")
    for size in found["sizes"]:
        table.add_row(
            f"{size['students']:,}",
            f"{size['rows']:,}",
            f"{size['seconds']:.2f}",
            f"{size['cpu_seconds']:.2f}",
            f"{size['rows_per_second']:,.0f}",
            f"{size['peak_mb']:,.0f}",
        )
    peer = found["pandas"]
    console = Console()
    console.print(table)
    console.print(
        f"pandas, week by week: {peer['rows']:,} student-weeks in {peer['seconds']:.1f} s, "
        f"{peer['rows_per_second']:,.0f} a second: the smallest district is {found['ratio']:,.0f} "
        f"times as fast; largest difference of a value {peer['largest_difference']:.1e}"
    )


if __name__ == "__main__":
    if "--child" in sys.argv:
        print(json.dumps(_child(sys.argv[-1])))
    else:
        sys.exit(carry_out("features", run, sys.argv[1:], show=show))
