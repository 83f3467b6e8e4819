"""Runs an exported scorer in a process that refuses to import what a school's device lacks."""

import csv
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import runpy, sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in {"torch", "sklearn", "scipy", "pandas", "pyarrow", "duckdb", "edupulse_core"}:
            raise ImportError(f"this computer has no {name}")

sys.meta_path.insert(0, Refused())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run_alone(folder: Path, file: Path) -> list[dict[str, str]]:
    """The rows of the file that `score.py` of an export writes for a file."""
    out = file.with_name("scores.csv")
    command = [sys.executable, "-c", SCRIPT, folder / "score.py", file, "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    with out.open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))
