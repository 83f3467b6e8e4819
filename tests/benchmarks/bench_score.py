"""From a district's files to its ranked list: seconds and memory of every stage.

`edupulse bench score [--quick] [--json]`. Each stage is a process of its own, as
the operator runs it, so imports count and a stage's peak memory is its own.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from edupulse_core import demo
from edupulse_core.config import Settings
from tests.benchmarks.command import carry_out

STUDENTS = 10_000
LIST = """
from edupulse_core.config import load_settings
from edupulse_core.queries.district import open_district
open_district(load_settings())
"""


def run(settings: Settings, *, quick: bool = False) -> dict[str, Any]:
    """Seconds, peak memory (MB) and students a second, stage by stage and together."""
    students = STUDENTS // 10 if quick else STUDENTS
    with tempfile.TemporaryDirectory() as folder:
        bundle, home = Path(folder) / "bundle", Path(folder) / "home"
        started = time.perf_counter()
        demo.write(bundle, students=students, truth=False, learning=False)
        written = time.perf_counter() - started
        program = [sys.executable, "-m", "edupulse_core"]
        stages = {
            "ingest": _stage([*program, "ingest", str(bundle), "--json"], home),
            "features": _stage([*program, "features"], home),
            "score": _stage([*program, "score", "--json"], home),
            "list": _stage([sys.executable, "-c", LIST], home),
        }
    total = sum(stage["seconds"] for stage in stages.values())
    return {
        "students": students,
        "demo_seconds": written,
        "stages": stages,
        "seconds": total,
        "peak_mb": max(stage["peak_mb"] for stage in stages.values()),
        "students_per_second": students / total,
    }


def _stage(command: list[str], home: Path) -> dict[str, float]:
    """Run a command to its end; its seconds and its peak memory."""
    environment = {**os.environ, "EDUPULSE_HOME": str(home)}
    started, used = time.perf_counter(), _processor_seconds()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as child:
        peak = _Peak(child.pid)
        _, problem = child.communicate()
    seconds = time.perf_counter() - started
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)}: {problem}")
    used = _processor_seconds() - used
    return {"seconds": seconds, "processor_seconds": used, "peak_mb": peak.megabytes}


def _processor_seconds() -> float:
    """What all finished children have used; more than the clock's on two cores."""
    times = os.times()
    return times.children_user + times.children_system


class _Peak:
    """Reads a process's own high-water mark until it ends; 0 where the system does not tell."""

    def __init__(self, pid: int) -> None:
        self.megabytes = 0.0
        self._status = Path(f"/proc/{pid}/status")
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            try:
                lines = self._status.read_text().splitlines()
            except OSError:
                return
            marks = [line for line in lines if line.startswith("VmHWM")]
            if not marks:
                return
            self.megabytes = max(self.megabytes, int(marks[0].split()[1]) / 1024)
            time.sleep(0.02)


def show(figures: dict[str, Any]) -> None:
    """Print the figures as a table."""
    table = Table(title=f"Files to ranked list, {figures['students']:,} students")
    for column in ("stage", "seconds", "processor seconds", "peak MB"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    for name, stage in figures["stages"].items():
        table.add_row(
            name,
            f"{stage['seconds']:.1f}",
            f"{stage['processor_seconds']:.1f}",
            f"{stage['peak_mb']:,.0f}",
        )
    used = sum(stage["processor_seconds"] for stage in figures["stages"].values())
    table.add_row(
        "together", f"{figures['seconds']:.1f}", f"{used:.1f}", f"{figures['peak_mb']:,.0f}"
    )
    Console().print(table)


if __name__ == "__main__":
    sys.exit(carry_out("score", run, sys.argv[1:], show=show))
