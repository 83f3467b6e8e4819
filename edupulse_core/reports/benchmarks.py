"""What the benchmarks measured, as HTML."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from edupulse_core.lifecycle.benchmarks import cells
from edupulse_core.reports.markup import folded, paragraph, table


def sections(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """What `kept` found, folded, as HTML."""
    return [
        folded(
            each["title"],
            f"<p>{_origin(each)}</p>"
            + "".join(
                paragraph(part["words"]) + table(part["title"], *cells(part["rows"]))
                for part in each["tables"]
            ),
        )
        for each in found
    ]


def _origin(found: Mapping[str, Any]) -> str:
    """When this was measured, of which version, and by which command."""
    of = f" of {found['version']}" if found["version"] else ""
    said = escape(f"Measured{of} on {found['measured_on']}")
    if not found["command"]:
        return f"{said}. This benchmark is finished."
    return f"{said}; again with <code>{escape(found['command'])}</code>."
