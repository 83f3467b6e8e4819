"""The README cannot drift from the code."""

import shlex

from edupulse_core.config import REPOSITORY
from edupulse_core.features.catalogue import FEATURES

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    return README.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0].strip()


def features_table() -> str:
    rows = [
        f"| {number} | `{feature.name}` | {feature.label} | {feature.unit.replace('_', '/')} |"
        for number, feature in enumerate(FEATURES, 1)
    ]
    return "\n".join(["| # | feature | what it says | unit |", "|---|---|---|---|", *rows])


def test_the_feature_table_is_the_catalogue() -> None:
    assert section("features") == features_table()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [line for line in README.splitlines() if "-m tests" in line and "venv" in line]

    ci = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    assert shlex.split(commands[0]) == shlex.split(ci.strip().splitlines()[-1])


def test_requirements_are_pinned_and_end_with_the_project() -> None:
    lines = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").split()

    assert lines[-2:] == ["-e", "."]
    assert all("==" in line for line in lines[:-2])
    assert "torch==2.13.0" in lines
