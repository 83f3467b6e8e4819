"""The kept benchmarks as a section of a report."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from edupulse_core.lifecycle.benchmarks import cells
from edupulse_core.reports import figures
from edupulse_core.reports.blocks import Block, Code, Folded, Section, Table, Text


def sections(found: Sequence[Mapping[str, Any]]) -> list[Section]:
    """One section, or none without benchmarks.  found: from `lifecycle.benchmarks.kept`."""
    if not found:
        return []
    intro = Text("Measured on real students elsewhere and on fictional districts.")
    parts = [Folded(each["title"], [*_origin(each), *_tables(each)]) for each in found]
    return [Section("benchmarks", "Benchmarks", [intro, *parts])]


def _origin(found: Mapping[str, Any]) -> list[Block]:
    """When this was measured, with which version, and by which command."""
    of = f" with version {found['version']}" if found["version"] else ""
    said = f"Measured{of} on {figures.day(date.fromisoformat(found['measured_on']))}"
    if not found["command"]:
        return [Text(f"{said}. This benchmark is finished.")]
    return [Text(f"{said}. Measure it again with:"), Code(found["command"])]


def _tables(found: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = []
    for part in found["tables"]:
        names, rows = cells(part["rows"])
        head = tuple(name[:1].upper() + name[1:] for name in names)
        blocks += [Text(part["words"]), Table(part["title"], head, rows)]
    return blocks
