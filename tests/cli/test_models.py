"""Versions of a model, from the operator's door."""

import json
import shutil
from pathlib import Path

import pytest

from edupulse_core.config import SHIPPED_MODELS
from tests.cli.conftest import Audited, Edupulse

pytestmark = pytest.mark.slow


def test_versions_are_listed_compared_and_activated(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("versions", "risk", "--json")
    found = json.loads(capsys.readouterr().out)
    active = found["active"]

    edupulse("versions", "risk")
    listed = capsys.readouterr().out
    edupulse("compare", "risk", active, active)
    table = capsys.readouterr().out
    edupulse("compare", "risk", active, active, "--json")
    compared = json.loads(capsys.readouterr().out)
    code = edupulse("activate", "risk", active)

    assert active in found["versions"] and f"* {active}" in listed
    assert "Tested on" in table and "which one is better" not in table
    assert "AUC of the score, any flag" in table and "AUC, any flag" not in table
    assert "same version" in table and "12483" not in table and "2025-06-23" not in table
    assert "auc_any" in compared[active]["headline"]
    assert code == 0 and f"risk {active} serves already" in capsys.readouterr().out
    assert edupulse("activate", "risk", "nothing") == 3
    assert edupulse("versions", "nothing") == 3


def test_versions_that_were_tested_on_different_rows_are_not_called_comparable(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("versions", "risk", "--json")
    active = json.loads(capsys.readouterr().out)["active"]
    other = home / "models" / "risk" / "other"
    shutil.copytree(SHIPPED_MODELS / "risk" / active, other)
    metrics = json.loads((other / "metrics.json").read_text(encoding="utf-8"))
    metrics["test"]["rows"] += 1
    (other / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")

    edupulse("compare", "risk", active, "other")

    assert "doesn't say which one is better" in capsys.readouterr().out


def test_activating_under_a_pinned_version_says_which_one_serves(
    home: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    edupulse("versions", "risk", "--json")
    active = json.loads(capsys.readouterr().out)["active"]
    shutil.copytree(SHIPPED_MODELS / "risk" / active, home / "models" / "risk" / "other")
    monkeypatch.setenv("EDUPULSE_MODEL_VERSION", active)

    code = edupulse("activate", "risk", "other")

    said = capsys.readouterr().out
    assert code == 0 and "is active;" not in said
    assert active in said and "other" in said and "EDUPULSE_MODEL_VERSION" in said


def test_a_version_is_trained_on_the_home_and_evaluated(
    home: Path,
    edupulse: Edupulse,
    audited: Audited,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from edupulse_core.families.risk import plans, serve  # slow to import
    from tests.families.risk.small import PLAN, evaluate_few

    monkeypatch.setattr(plans, "HOME_PLAN", PLAN)
    exported: list[Path] = []
    monkeypatch.setattr(serve, "export", exported.append)
    evaluate_few(monkeypatch)

    trained = edupulse("train", "risk", "--json")
    version = json.loads(capsys.readouterr().out)["version"]
    (home / "models" / "risk" / "benchmarks.json").write_text("{", encoding="utf-8")
    evaluated = edupulse("evaluate", "risk", version, "--json")
    report = json.loads(capsys.readouterr().out)

    assert (trained, evaluated) == (0, 0)
    assert exported == [home / "models" / "risk" / version]
    assert report["version"] == version
    assert [entry.subject for entry in audited(home, "train")] == [f"risk {version}"]
    evaluation = audited(home, "evaluate")[0]
    assert evaluation.subject == f"risk {version}" and "race" in evaluation.details["groups"]
    kept = home / "models" / "risk" / "evaluations" / f"{version}.json"
    assert json.loads(kept.read_text())["goals"] == report["goals"]
    assert "benchmarks" not in report
    assert Path(report["html"]) == kept.with_suffix(".html")
    assert f"Risk model {version}" in kept.with_suffix(".html").read_text()


def test_a_page_goes_nowhere_that_is_not_there(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("evaluate", "risk", "--html", home / "nowhere" / "page.html")

    assert code == 3
    assert "there is no folder" in capsys.readouterr().err


def test_an_evaluation_that_could_not_be_kept_is_refused_before_the_work(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    place = home / "models" / "risk" / "evaluations"
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("", encoding="utf-8")

    code = edupulse("evaluate", "risk", "nothing")

    assert code == 3
    assert f"{place}: nothing can be written there" in capsys.readouterr().err


def test_a_page_that_would_take_a_folders_place_is_refused_before_the_work(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("evaluate", "risk", "nothing", "--html", home)

    assert code == 3
    assert f"{home} is a folder" in capsys.readouterr().err


def test_an_evaluation_that_could_not_be_noted_is_refused_before_the_work(
    home: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = f"file:{home / 'data' / 'store.db'}"
    monkeypatch.setenv("EDUPULSE_DATABASE_URL", f"sqlite:///{store}?mode=ro&uri=true")
    monkeypatch.chdir(home)  # to SQLAlchemy the address is a relative path

    code = edupulse("evaluate", "risk", "nothing")

    assert code == 3
    assert "cannot be written: attempt to write" in capsys.readouterr().err


def test_a_ranking_shows_each_algorithm_and_says_which_should_serve(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from edupulse_core.cli.models import show_ranking

    lead = {"mae": {"value": -0.02, "low": -0.03, "high": -0.01}}
    placed = [
        {"algorithm": "network", "version": "v1", "metrics": {"mae": 0.2}},
        {"algorithm": "blend", "version": "v2", "metrics": {"mae": 0.18}, "ahead": lead},
    ]
    told = {"rows": 4027, "students": 317, "weeks": ["2014-10-27", "2015-01-19"]}
    chosen = {"best": "blend", "version": "v2", "why": "blend is better.", "confidence": 0.95}

    show_ranking("risk", {**told, **chosen, "table": placed})

    said = " ".join(capsys.readouterr().out.split())
    assert "0.1800" in said and "4,027 cases of 317 students" in said
    assert "−0.02" in said
    assert "blend is better." in said and "`edupulse activate risk v2` lets blend serve." in said


@pytest.mark.parametrize("change", ["rounds", "=5", ""])
def test_a_field_is_set_as_key_and_value(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    assert edupulse("train", "risk", "--set", change) == 3
    assert "write it as KEY=VALUE" in capsys.readouterr().err


def test_an_unknown_field_lists_those_there_are_before_any_work(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse(
        "train", "risk", "--algorithm", "gradient_boosting", "--set", "network.hidden=4"
    )

    assert code == 3
    assert "there are: columns, l2, learning_rate, leaves, rounds" in capsys.readouterr().err
