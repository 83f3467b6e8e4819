"""A benchmark as a command: its options, its progress, and where its results go."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from edupulse_core.config import load_settings
from edupulse_core.errors import EduPulseError
from tests.benchmarks import kept

Log = Callable[[str], None]
Found = dict[str, Any]
FLAG = {"action": "store_true"}


class _Options(argparse.ArgumentParser):
    """Options of which a wrong one is refused as `edupulse` refuses its own: in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"edupulse: {message}; `{self.prog} --help` lists the options\n")


def count(text: str) -> int:
    """A whole number of 1 or more that an option says."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def to_stderr(line: str) -> None:
    """Progress, a line a step."""
    print(line, file=sys.stderr, flush=True)


def carry_out(
    name: str,
    run: Callable[..., Found],
    arguments: Sequence[str],
    *,
    tables: Callable[[Found], list[dict[str, Any]]] | None = None,
    show: Callable[[Found], None] | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> int:
    """Measure what is asked on the command line, print it and keep it; the exit code.

    run: called with the settings, and by name with `quick` and each of the own options; an
    EduPulseError of it is told in its one sentence.  options: as `add_argument` takes them.
    tables: what the Evidence page shows of what was found; they are printed, followed by its
    "notes", and kept.  show: prints what has no place there, so that nothing is kept.
    """
    about = sys.modules[run.__module__].__doc__
    parser = _Options(prog=f"edupulse bench {name}", description=about, allow_abbrev=False)
    for flag, how in {**(options or {}), "--quick": FLAG, "--json": FLAG}.items():
        parser.add_argument(flag, **how)
    given = vars(parser.parse_args(arguments))
    as_json = given.pop("json")
    try:
        found = run(load_settings(), **given)
        if as_json:
            print(json.dumps(found))
        elif show:
            show(found)
        if tables:
            made = tables(found)
            if not as_json:
                kept.show(made)
                for note in found.get("notes", ()):
                    print(note)
            kept.keep(name, found, made)
    except EduPulseError as error:
        print(f"edupulse: {error}", file=sys.stderr)
        return error.exit_code
    return 0
