"""What benchmarks found: kept in the home or shipped, and which of the two is shown."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.config import SHIPPED_MODELS, Settings, load_settings
from edupulse_core.errors import ModelError
from edupulse_core.lifecycle import benchmarks, registry
from edupulse_core.reports.benchmarks import sections
from edupulse_core.reports.blocks import Block, Code, Folded


def folded(kept: dict[str, Any]) -> Sequence[Block]:
    """What a report shows of a benchmark that is kept."""
    (section,) = sections([kept])
    part = section.blocks[-1]
    assert isinstance(part, Folded)
    return part.blocks


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home beside a clone that ships nothing yet."""
    monkeypatch.setattr(benchmarks, "SHIPPED_MODELS", tmp_path / "clone" / "models")
    return load_settings(home=tmp_path / "home")


def clone(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "clone")


def tables(cell: Any) -> list[dict[str, Any]]:
    return [{"title": "Models", "words": "AUC.", "rows": [{"model": "GRU", "AUC": cell}]}]


def keep(settings: Settings, name: str, cell: Any, **given: Any) -> None:
    benchmarks.keep(settings, "risk", name, tables(cell), command=f"edupulse bench {name}", **given)


def shown(settings: Settings, version: str = "v1") -> dict[str, Any]:
    return {
        each["name"]: each["tables"][0]["rows"][0]["AUC"]
        for each in benchmarks.kept(settings, "risk", version)
    }


def test_what_was_kept_is_found_with_its_command_version_and_day(home: Settings) -> None:
    keep(home, "fairness", ".850", version="v1", measured_on=date(2026, 11, 21))

    (found,) = benchmarks.kept(home, "risk", "v1")

    assert found == {
        "name": "fairness",
        "title": "Equal errors",
        "command": "edupulse bench fairness",
        "version": "v1",
        "measured_on": "2026-11-21",
        "tables": tables(".850"),
    }


def test_a_benchmark_is_measured_again_by_the_command_that_was_kept(home: Settings) -> None:
    command = "edupulse bench networks --full --data DIR"
    benchmarks.keep(home, "risk", "networks", tables(".850"), command=command, version="v0")

    said = benchmarks.commands(home, "risk", "v1").splitlines()

    assert f"* Networks compared: `{command}`" in said
    assert "* Equal errors: `edupulse bench fairness`" in said
    assert len(said) == len(benchmarks.TITLES)


def test_a_card_names_the_command_also_where_the_figures_are_another_version_s(
    home: Settings, tmp_path: Path
) -> None:
    command = "edupulse bench networks --full"
    there = clone(tmp_path)
    benchmarks.keep(there, "risk", "networks", tables(".850"), command=command, version="v0")

    said = benchmarks.in_markdown("risk", "v1")

    assert said.endswith(f"### Networks compared\n\n`{command}`")
    assert "### Equal errors\n\n`edupulse bench fairness`" in said


def test_a_later_run_replaces_its_own_figures_alone(home: Settings) -> None:
    keep(home, "fairness", ".1")
    keep(home, "outcomes", ".2")
    keep(home, "fairness", ".3")

    assert shown(home) == {"outcomes": ".2", "fairness": ".3"}


def test_the_homes_own_stand_over_the_shipped(home: Settings, tmp_path: Path) -> None:
    keep(clone(tmp_path), "outcomes", ".1")
    keep(clone(tmp_path), "fairness", ".2")
    keep(home, "fairness", ".3")

    assert shown(home) == {"outcomes": ".1", "fairness": ".3"}


def test_figures_of_the_version_stand_over_those_of_another(home: Settings, tmp_path: Path) -> None:
    keep(clone(tmp_path), "fairness", ".2", version="v2")
    keep(home, "fairness", ".1", version="v1")

    assert shown(home, "v1") == {"fairness": ".1"}
    assert shown(home, "v2") == {"fairness": ".2"}
    assert shown(home, "v3") == {"fairness": ".1"}


@pytest.mark.parametrize("text", ["{", "[]", "\udc80"])
def test_a_damaged_file_costs_what_it_held(text: str, home: Settings, tmp_path: Path) -> None:
    keep(clone(tmp_path), "outcomes", ".1")
    keep(home, "fairness", ".2")
    file = home.home / "models" / "risk" / benchmarks.FILE
    file.write_bytes(text.encode(errors="surrogateescape"))

    assert shown(home) == {"outcomes": ".1"}
    with pytest.raises(ModelError, match="the kept benchmarks are damaged"):
        keep(home, "fairness", ".3")


@pytest.mark.parametrize(
    "damage",
    [
        [],
        None,
        {"tables": None},
        {"tables": [{}]},
        {"tables": [{"title": "A", "words": "B", "rows": [1]}]},
        {"tables": [{"title": "A", "words": "B", "rows": []}]},
        {"tables": [{"title": "A", "words": None, "rows": [{"a": 1}]}]},
        {"command": 1},
        {"version": 7},
        {"measured_on": "yesterday"},
        {"measured_on": None},
    ],
)
def test_a_damaged_benchmark_costs_only_itself(damage: Any, home: Settings) -> None:
    keep(home, "fairness", ".1")
    keep(home, "outcomes", ".2")
    file = home.home / "models" / "risk" / benchmarks.FILE
    found = json.loads(file.read_text(encoding="utf-8"))
    found["fairness"] = found["fairness"] | damage if isinstance(damage, dict) else damage
    file.write_text(json.dumps(found), encoding="utf-8")

    assert shown(home) == {"outcomes": ".2"}


def test_kept_benchmarks_are_no_version(home: Settings) -> None:
    before = registry.versions(home, "risk")

    keep(home, "fairness", ".1")

    assert registry.versions(home, "risk") == before


def test_the_shipped_benchmarks_can_be_shown() -> None:
    found = benchmarks.kept(load_settings(home=Path("/nowhere")), "risk", "v1")

    assert (SHIPPED_MODELS / "risk" / benchmarks.FILE).is_file() == bool(found)
    assert all(folded(each) for each in found)
    assert all(each["command"] for each in found if each["name"] in benchmarks.TITLES)


def test_a_finished_benchmark_stands_last_and_names_no_command(home: Settings) -> None:
    benchmarks.keep(home, "risk", "classmates", tables(".2"), command="", version="v1")
    keep(home, "networks", ".1")

    compared, finished = benchmarks.kept(home, "risk", "v1")

    assert (compared["name"], finished["title"]) == ("networks", "Classmates")
    assert Code("edupulse bench networks") in folded(compared)
    assert not [block for block in folded(finished) if isinstance(block, Code)]
    assert "Classmates" not in benchmarks.commands(home, "risk", "v1")


def test_cells_are_text_and_what_is_missing_is_a_dash() -> None:
    rows = [{"model": "GRU", "AUC": -0.85123}, {"model": "rule", "n": 7}]

    assert benchmarks.cells(rows) == (
        ["model", "AUC", "n"],
        [["GRU", "−0.8512", "–"], ["rule", "–", "7"]],
    )
