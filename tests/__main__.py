"""Every check in order, as CI runs it: `python -m tests`. Stops at the first that fails.

`python -m tests --quick` is for the everyday loop: the style, the types and the tests that take a
moment, in under 90 seconds on two cores. It leaves out browsers, benchmarks, training, PostgreSQL
and whatever needs a scored district; of a test with many examples, all but the first; and, in rooms
where nearly every test builds a district, all but the first two tests of a file. `quick_ones` in
`tests/conftest.py` is the rule. Other words go to pytest.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator

WORKERS = ("--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder")
QUICK = ("--quick", "--ignore=tests/browser", "--ignore=tests/benchmarks")


def checks(quick: bool, words: list[str]) -> Iterator[tuple[str, ...]]:
    """Each check as the words that follow `python -m`."""
    yield "ruff", "format", "--check", "."
    yield "ruff", "check", "."
    yield ("mypy",)
    yield "pytest", *WORKERS, *(QUICK if quick else ()), *words


def main() -> int:
    """Run the checks; the exit code of the first that fails, else 0."""
    parser = argparse.ArgumentParser(
        prog="python -m tests",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--quick", action="store_true", help="leave out what is slow")
    given, words = parser.parse_known_args()
    for threads in ("OMP_NUM_THREADS", "EDUPULSE_THREADS"):
        os.environ.setdefault(threads, "1")  # two processes are two threads
    for check in checks(given.quick, words):
        print("::", *check, flush=True)
        code = subprocess.run([sys.executable, "-m", *check]).returncode
        if code:
            return code
    if given.quick:
        print("Left out: what is slow, and further tests of a kind; `python -m tests` runs all.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
