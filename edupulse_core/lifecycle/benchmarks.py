"""The kept results of benchmarks, each with the command that repeats it.

They are kept as `models/<family>/benchmarks.json`: the home's if a benchmark ran there, otherwise
the repository's. A finished benchmark has no command: its figures stay, its code is gone.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.config import SHIPPED_MODELS, Settings
from edupulse_core.errors import ModelError
from edupulse_core.training.evaluation import figure

TITLES = {  # name → above its tables, in this order
    "outcomes": "On real outcomes",
    "explanations": "Explanations",
    "fairness": "Equal errors",
    "networks": "Networks compared",
}
FILE = "benchmarks.json"


def keep(
    settings: Settings,
    family: str,
    name: str,
    tables: Sequence[Mapping[str, Any]],
    *,
    command: str,
    version: str | None = None,
    measured_on: date | None = None,
) -> Path:
    """Keep a benchmark's tables in the home, in place of its earlier ones.

    tables: each has "title", "words" and "rows", a row being {column: cell}, and "card" if a model
    card shows it too.  version: the one that was measured; None if the result holds for all.
    measured_on: today unless given.
    """
    path = settings.home / "models" / family / FILE
    found = _read(path)
    found[name] = {
        "command": command,
        "version": version,
        "measured_on": (measured_on or date.today()).isoformat(),
        "tables": list(tables),
    }
    return files.write(path, json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def kept(settings: Settings, family: str, version: str) -> list[dict[str, Any]]:
    """Every benchmark: "name", "title" and what `keep` kept, in the order of TITLES.

    Results for this version, or for all versions, come before those for another version. Damaged
    ones are left out.
    """
    places = [_whole(root / family / FILE) for root in (settings.home / "models", SHIPPED_MODELS)]
    names = dict.fromkeys([*TITLES, *(name for place in places for name in place)])
    found = []
    for name in names:
        known = [place[name] for place in places if name in place]
        fits = [each for each in known if each["version"] in (None, version)]
        for each in (fits or known)[:1]:
            found.append({"name": name, "title": TITLES.get(name, name.capitalize()), **each})
    return found


def in_markdown(family: str, version: str) -> str:
    """For a shipped version's card: every benchmark of TITLES, its command and its main figures.

    It shows the repository's tables that are marked with "card" and were measured with this version
    or hold for all.
    """
    found = _whole(SHIPPED_MODELS / family / FILE)
    told = []
    for name, title in TITLES.items():
        each = found.get(name)
        if each is None or each["version"] not in (None, version):
            told.append(f"### {title}\n\n`{_command(name, each)}`")
            continue
        told.append(f"### {title}\n\n`{each['command']}`, measured on {each['measured_on']}")
        told += [_in_markdown(part) for part in each["tables"] if part.get("card")]
    return "\n\n".join(told)


def _in_markdown(part: Mapping[str, Any]) -> str:
    columns, rows = cells(part["rows"])
    lines = [columns, ["---"] * len(columns), *rows]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{part['title']}:\n\n{table}"


def commands(settings: Settings, family: str, version: str) -> str:
    """Every benchmark of TITLES with its command, as a list in Markdown."""
    found = {each["name"]: each for each in kept(settings, family, version)}
    return "\n".join(
        f"* {title}: `{_command(name, found.get(name))}`" for name, title in TITLES.items()
    )


def _command(name: str, found: Mapping[str, Any] | None) -> str:
    """The command that repeats a kept benchmark."""
    return found["command"] if found else f"edupulse bench {name}"


def cells(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """The columns of some rows, and each row's cells as text; a dash where it has none."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return columns, [[_text(row.get(name)) for name in columns] for row in rows]


def _read(path: Path) -> dict[str, Any]:
    return files.read(path, "the kept benchmarks are damaged") if path.is_file() else {}


def _whole(path: Path) -> dict[str, Any]:
    """The benchmarks in a file that can be shown."""
    try:
        return {name: each for name, each in _read(path).items() if _is_whole(each)}
    except ModelError:
        return {}


def _is_whole(each: Any) -> bool:
    """Whether an entry is as `keep` writes it."""
    try:
        date.fromisoformat(each["measured_on"])
        parts = each["tables"]
        words = [each["command"], each["version"] or ""]
        words += [part[name] for part in parts for name in ("title", "words")]
        rows = [row for part in parts for row in part["rows"]]
    except (LookupError, TypeError, ValueError):
        return False
    texts = all(isinstance(one, str) for one in words)
    return texts and bool(rows) and all(isinstance(row, dict) for row in rows)


def _text(cell: Any) -> str:
    if cell is None:
        return "–"
    return figure(cell, "{:.4g}") if isinstance(cell, float) else str(cell)
