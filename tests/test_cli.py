"""The operator's door, as an operator uses it."""

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal
from pyarrow import csv, parquet

from edupulse_core import cli
from edupulse_core.config import Settings
from edupulse_core.features.catalogue import NAMES
from edupulse_core.store import audit
from edupulse_core.store.database import open_store
from tests import bundles

Edupulse = Callable[..., int]


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demo's home that a test may change."""
    folder = tmp_path / "home"
    shutil.copytree(demo_home.home, folder, ignore=shutil.ignore_patterns("*.log", "training"))
    monkeypatch.setenv("EDUPULSE_HOME", str(folder))
    return folder


@pytest.fixture
def edupulse(monkeypatch: pytest.MonkeyPatch) -> Edupulse:
    """Run `edupulse ...`; returns its exit code."""

    def run(*words: str | Path) -> int:
        monkeypatch.setattr("sys.argv", ["edupulse", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
            raise SystemExit(0)
        return int(stopped.value.code or 0)

    return run


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    return tmp_path


def test_score_prints_one_json_object(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("score", "--json")

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["scored"] + found["not_enough_data"] == found["students"] > 100
    assert sum(found["tiers"].values()) == found["scored"]


def test_the_scores_file_has_the_columns_of_the_contract(
    home: Path, edupulse: Edupulse, tmp_path: Path
) -> None:
    code = edupulse("score", "--out", tmp_path / "scores.csv")

    table = csv.read_csv(tmp_path / "scores.csv")
    assert code == 0
    assert table.column_names == [
        *("student_id", "as_of", "risk_score", "tier"),
        *("p_low", "p_medium", "p_high", "p_critical", "model_version"),
        *(f"factor_{n}" for n in range(1, 6)),
    ]
    assert table["student_id"].to_pylist() == sorted(table["student_id"].to_pylist())


def test_the_same_scores_go_to_csv_and_parquet(
    home: Path, edupulse: Edupulse, tmp_path: Path
) -> None:
    edupulse("score", "--out", tmp_path / "scores.csv")
    edupulse("score", "--out", tmp_path / "scores.parquet")

    written = csv.read_csv(tmp_path / "scores.csv")["risk_score"].to_pylist()
    kept = parquet.read_table(tmp_path / "scores.parquet")["risk_score"].to_pylist()
    assert written == kept


def test_the_features_file_has_the_42_and_the_labels(
    home: Path, edupulse: Edupulse, tmp_path: Path
) -> None:
    code = edupulse("features", "--labels", "--out", tmp_path / "features.parquet")

    table = parquet.read_table(tmp_path / "features.parquet")
    labels = ["flag_a", "flag_b", "flag_c", "severity", "tier"]
    assert code == 0
    assert table.column_names == ["student_id", "week_start", *NAMES, *labels]


def test_features_as_of_a_day_end_there_and_are_the_same(
    home: Path, edupulse: Edupulse, tmp_path: Path
) -> None:
    edupulse("features", "--out", tmp_path / "all.parquet")
    whole = parquet.read_table(tmp_path / "all.parquet").to_pandas()
    last = sorted(whole["week_start"].unique())[-5]

    edupulse("features", "--as-of", f"{last}"[:10], "--out", tmp_path / "cut.parquet")

    cut = parquet.read_table(tmp_path / "cut.parquet").to_pandas()
    before = whole[whole["week_start"] < last].reset_index(drop=True)
    assert_frame_equal(cut, before, rtol=0, atol=1e-12)  # sums may run in another order


def test_every_file_of_students_that_is_written_is_in_the_audit_trail(
    home: Path, edupulse: Edupulse, tmp_path: Path
) -> None:
    before = len(_audited(home, "export"))

    edupulse("features", "--out", tmp_path / "weeks.parquet")
    edupulse("score", "--out", tmp_path / "scores.csv")
    edupulse("features")
    edupulse("score")

    noted = {entry.subject: entry.details for entry in _audited(home, "export")}
    assert noted["features"] == {
        "file": "weeks.parquet",
        "rows": len(parquet.read_table(tmp_path / "weeks.parquet")),
    }
    assert noted["scores"] == {
        "file": "scores.csv",
        "rows": len(csv.read_csv(tmp_path / "scores.csv")),
    }
    assert len(_audited(home, "export")) == before + 2


def test_explain_says_why_in_the_shape_of_the_contract(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("score", "--out", home / "scores.parquet")
    scores = parquet.read_table(home / "scores.parquet").to_pandas()
    known = scores.dropna(subset="risk_score").iloc[0]
    capsys.readouterr()

    code = edupulse("explain", known["student_id"], "--json")

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["risk_score"] == pytest.approx(known["risk_score"], abs=1e-6)
    assert [len(found["attributions"]), len(found["attributions"][0])] == [20, 42]
    assert [len(head) for head in found["attention"]] == [20, 20, 20, 20]
    assert len(found["factors"]) <= 5
    assert found["agreement"]["verdict"] in ("stable", "partly", "no stable reason")
    assert known["student_id"] in [entry.subject for entry in _audited(home, "explain")]


def test_an_evaluation_is_kept_as_json_and_as_a_page_and_is_audited(
    home: Path,
    edupulse: Edupulse,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edupulse_core.lifecycle.retraining.RESAMPLES", 20)

    code = edupulse("evaluate", "risk", "--json")

    found = json.loads(capsys.readouterr().out)
    kept = home / "models" / "risk" / "evaluations" / f"{found['version']}.json"
    assert code == 0
    assert json.loads(kept.read_text())["goals"] == found["goals"]
    assert Path(found["html"]) == kept.with_suffix(".html")
    assert f"Risk model {found['version']}" in kept.with_suffix(".html").read_text()
    assert "race" in _audited(home, "evaluate")[0].details["groups"]


def test_a_page_goes_nowhere_that_is_not_there(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("evaluate", "risk", "--html", home / "nowhere" / "page.html")

    assert code == 3
    assert "there is no folder" in capsys.readouterr().err


def test_an_unknown_student_is_one_sentence_and_exit_3(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("explain", "nobody")

    assert code == 3
    assert "no student 'nobody'" in capsys.readouterr().err


def test_a_real_district_never_joins_the_demo(
    home: Path, edupulse: Edupulse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "real"
    shutil.copytree(home / "data" / "demo", bundle)
    manifest = (bundle / "manifest.csv").read_text()
    (bundle / "manifest.csv").write_text(manifest.replace("edupulse.demo", "x"))

    code = edupulse("ingest", bundle)

    assert code == 4
    assert "never share" in capsys.readouterr().err


def test_the_same_bundle_again_changes_nothing(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (home / "data" / "warehouse" / "current.json").read_text()

    code = edupulse("ingest", home / "data" / "demo", "--json")

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["rejects"] == {}
    assert (home / "data" / "warehouse" / "current.json").read_text() == before


def test_the_rows_of_a_refused_import_can_be_listed_and_written(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    files = bundles.small()
    files["attendance"][0]["status"] = "A"
    bundle = bundles.write(empty_home / "bundle", files)

    refused = edupulse("ingest", bundle)
    said = capsys.readouterr().err
    edupulse("rejects", "--json")
    (listed,) = json.loads(capsys.readouterr().out)["imports"]
    written = edupulse("rejects", listed["import"], "--out", empty_home / "rows.csv")

    table = csv.read_csv(empty_home / "rows.csv")
    assert (refused, written) == (4, 0)
    assert "found 'A'" in said and said.endswith("`edupulse rejects --out FILE` writes them\n")
    assert (listed["outcome"], listed["rows"], listed["bundle"]) == ("refused", 1, "bundle")
    assert table.column_names == ["file", "row_number", "column_name", "reason", "raw"]
    assert table["raw"].to_pylist() == ["ana-2025-09-03,ana,2025-09-03,A,,,"]
    noted = _audited(empty_home, "export")[0]
    assert (noted.subject, noted.details) == ("rejected rows", {"file": "rows.csv", "rows": 1})
    assert [entry.subject for entry in _audited(empty_home, "refused import")] == ["bundle"]


def test_the_audit_trail_of_an_import_holds_no_value_from_a_file(
    empty_home: Path, edupulse: Edupulse
) -> None:
    files = bundles.small()
    files["calendar"][0]["isInstructional"] = "Ana Moe"

    code = edupulse("ingest", bundles.write(empty_home / "bundle", files))

    (noted,) = _audited(empty_home, "import")
    assert code == 0
    assert noted.details and noted.details["files"]["calendar"]["rejected"] == 1
    assert "Ana Moe" not in json.dumps(noted.details)


def test_rejected_rows_are_listed_for_people_and_one_import_needs_a_file(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("rejects") == 0
    assert "Imports that rejected rows" in capsys.readouterr().out
    assert edupulse("rejects", "x") == 2
    assert edupulse("rejects", "x", "--out", empty_home / "x.csv") == 3
    assert "no rejected rows of an import 'x'" in capsys.readouterr().err


def test_a_home_that_cannot_be_written_is_one_sentence_and_exit_3(
    tmp_path: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bundle = bundles.write(tmp_path / "bundle", bundles.small())
    (tmp_path / "file").touch()
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path / "file" / "home"))

    code = edupulse("ingest", bundle)

    said = capsys.readouterr().err
    assert code == 3
    assert said.startswith(f"edupulse: EDUPULSE_HOME {tmp_path / 'file' / 'home'}: nothing can be")
    assert said.count("\n") == 1


def test_a_place_that_cannot_be_written_is_one_sentence_and_exit_3(
    tmp_path: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    code = edupulse("demo", "--students", "30", "--out", tmp_path / "file" / "demo")

    said = capsys.readouterr().err
    assert code == 3
    assert said == f"edupulse: {tmp_path / 'file' / 'demo'} cannot be used: Not a directory\n"


def test_scores_as_of_a_day_without_data_say_which_week_they_are_of(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("score", "--json")
    known = json.loads(capsys.readouterr().out)["as_of"]

    code = edupulse("score", "--as-of", "2099-01-01", "--json")

    said = capsys.readouterr()
    assert code == 0
    assert json.loads(said.out)["as_of"] == known
    assert said.err == f"The last week with data up to 2099-01-01 ended on {known}: scored it.\n"


def test_scores_as_of_the_data_s_end_say_nothing_more(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("score", "--json")
    known = date.fromisoformat(json.loads(capsys.readouterr().out)["as_of"])

    edupulse("score", "--as-of", known + timedelta(days=6))

    assert capsys.readouterr().err == ""


def test_without_an_import_every_command_says_what_to_do(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["score"], ["features"], ["explain", "x"], ["undo"], ["evaluate", "risk"]):
        code = edupulse(*words)

        said = capsys.readouterr().err
        assert code == 3, words
        assert said.count("\n") == 1, said


def test_a_file_name_that_cannot_be_written_is_refused_before_the_work(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("score", "--out", "scores.xlsx") == 3
    assert edupulse("score", "--out", home / "nowhere" / "scores.csv") == 3
    assert ".csv or .parquet" in capsys.readouterr().err


def test_an_unknown_setting_is_one_sentence(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "edupulse.toml").write_text("[attendance]\nchronik_rate = 0.2\n")

    code = edupulse("score")

    assert code == 3
    assert "attendance.chronik_rate" in capsys.readouterr().err


def test_a_damaged_warehouse_is_one_sentence(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    for snapshot in (home / "data" / "warehouse").glob("*.duckdb"):
        snapshot.write_bytes(b"not a database")

    code = edupulse("score")

    assert code == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_wrong_usage_is_exit_2(edupulse: Edupulse) -> None:
    assert edupulse("score", "--what") == 2


def test_serving_without_sign_in_is_refused_off_loopback(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("serve", "--address", "0.0.0.0")

    assert code == 4
    assert "identity provider" in capsys.readouterr().err


def test_an_unknown_benchmark_names_those_there_are(
    edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("bench", "nothing") == 3
    assert "inference" in capsys.readouterr().err


def _audited(home: Path, action: str) -> list[audit.Entry]:
    from edupulse_core.config import load_settings

    return audit.entries(open_store(load_settings(home=home)), action=action)
