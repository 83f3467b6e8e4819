"""What a data steward should look at: one small question a file, asked of the warehouse."""

from dataclasses import dataclass
from importlib.resources import files

import duckdb


@dataclass(frozen=True)
class Finding:
    """The answer to one question."""

    name: str  # the question's file
    n: int  # how many; 0: nothing to do
    sentence: str  # what they are and what follows, without the number


def check(con: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Ask every question of a connection to a warehouse; the largest answers come first."""
    findings = []
    for path in (files("edupulse_core.warehouse") / "quality").iterdir():
        sentence, n = con.execute(path.read_text(encoding="utf-8")).fetchall()[0]
        findings.append(Finding(path.name.removesuffix(".sql"), int(n), sentence))
    return sorted(findings, key=lambda finding: (-finding.n, finding.name))
