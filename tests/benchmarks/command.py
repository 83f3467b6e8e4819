"""A benchmark as a command: its options, its progress, and what becomes of what it found."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from edupulse_core.config import load_settings
from edupulse_core.errors import EduPulseError
from edupulse_core.lifecycle.benchmarks import TITLES
from tests.benchmarks.kept import keep, show

Log = Callable[[str], None]
FLAG = {"action": "store_true"}


def to_stderr(line: str) -> None:
    """Progress, a line a step."""
    print(line, file=sys.stderr, flush=True)


def carry_out(
    name: str,
    run: Callable[..., dict[str, Any]],
    arguments: Sequence[str],
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> int:
    """Measure what is asked on the command line, print it and keep it; the exit code.

    run: called with the settings, and by name with `quick` and each of the own options; an
    EduPulseError of it is told in its one sentence.  options: as `add_argument` takes them.
    What has a place on the Evidence page is printed by the module's `tables(found)`, followed by
    its "notes", and kept; anything else by its `show(found)`.
    """
    bench = import_module(f"tests.benchmarks.bench_{name}")
    parser = argparse.ArgumentParser(prog=f"bench {name}", description=bench.__doc__)
    for flag, how in {**(options or {}), "--quick": FLAG, "--json": FLAG}.items():
        parser.add_argument(flag, **how)
    given = vars(parser.parse_args(arguments))
    as_json = given.pop("json")
    try:
        found = run(load_settings(), **given)
        if as_json:
            print(json.dumps(found))
        elif name not in TITLES:
            bench.show(found)
        else:
            show(bench.tables(found))
            for note in found.get("notes", ()):
                print(note)
        if name in TITLES:
            keep(name, found)
    except EduPulseError as error:
        print(f"edupulse: {error}", file=sys.stderr)
        return error.exit_code
    return 0
