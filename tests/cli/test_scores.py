"""Features, scores and reasons, from the operator's door."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal
from pyarrow import csv, parquet

from edupulse_core.actions import scores
from edupulse_core.cli.scores import who_is_scored
from edupulse_core.config import load_settings
from edupulse_core.families.risk import NAME
from edupulse_core.families.risk.tiers import in_words
from edupulse_core.features.catalogue import NAMES
from edupulse_core.people.personas import personas
from edupulse_core.queries.district import open_district
from edupulse_core.queries.student import StudentRecord
from edupulse_core.store import predictions, runs
from edupulse_core.store.database import open_store
from edupulse_core.words import day as said_day
from tests.cli.conftest import Audited, Edupulse


def test_score_prints_one_json_object(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("score", "--json")

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["scored"] + found["not_enough_data"] == found["students"] > 100
    assert sum(found["tiers"].values()) == found["scored"]


def test_the_tiers_that_are_told_add_up_to_the_students_that_are(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("score", "--json")
    found = json.loads(capsys.readouterr().out)

    edupulse("score")

    said = capsys.readouterr().out
    levels = ", ".join(f"{n} {tier.title()}" for tier, n in found["tiers"].items())
    day = said_day(date.fromisoformat(found["as_of"]))
    start = f"Scored {found['scored']} of {found['students']} students as of {day}: "
    assert said.startswith(start + levels)
    assert ("without enough data" in said) is (found["not_enough_data"] > 0)


@pytest.mark.parametrize(
    ("n", "rest"),
    [(0, ""), (1, "; 1 without enough data"), (1200, "; 1,200 without enough data")],
)
def test_who_has_no_score_is_told_beside_those_who_have(n: int, rest: str) -> None:
    value = {"students": 2000, "scored": 2000 - n, "not_enough_data": n}

    assert who_is_scored(value) == (f"{2000 - n:,} of 2,000 students", rest)


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
    home: Path, edupulse: Edupulse, audited: Audited, tmp_path: Path
) -> None:
    before = len(audited(home, "export"))

    edupulse("features", "--out", tmp_path / "weeks.parquet")
    edupulse("score", "--out", tmp_path / "scores.csv")
    edupulse("features")
    edupulse("score")

    noted = {entry.subject: entry.details for entry in audited(home, "export")}
    assert noted["features"] == {
        "file": "weeks.parquet",
        "rows": len(parquet.read_table(tmp_path / "weeks.parquet")),
    }
    assert noted["scores"] == {
        "file": "scores.csv",
        "rows": len(csv.read_csv(tmp_path / "scores.csv")),
    }
    assert len(audited(home, "export")) == before + 2


def test_explain_says_why_in_the_shape_of_the_contract(
    home: Path, edupulse: Edupulse, audited: Audited, capsys: pytest.CaptureFixture[str]
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
    assert known["student_id"] in [entry.subject for entry in audited(home, "explain")]


def test_a_score_without_a_reason_that_holds_is_said_to_have_none(
    home: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = {
        "student_id": "S1",
        "as_of": "2026-11-15",
        "risk_score": 0.3,
        "tier": "medium",
        "factors": [],
        "agreement": {"sentence": "They do not agree."},
    }
    monkeypatch.setattr(scores, "explain_student", lambda *_, **given: said)

    edupulse("explain", "S1")

    out = capsys.readouterr().out
    assert "No single reason" in out and "They do not agree." in out


def test_an_unknown_student_is_one_sentence_and_exit_3(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("explain", "nobody")

    assert code == 3
    assert "no student 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize("out", [True, False])
def test_features_as_of_a_day_before_the_first_week_are_not_there(
    out: bool, home: Path, edupulse: Edupulse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "features.parquet"
    where = ["--out", file] if out else []

    code = edupulse("features", "--as-of", "2000-01-01", *where)

    said = capsys.readouterr()
    assert code == 3 and not said.out and not file.exists()
    assert "ends by Jan 1, 2000" in said.err


def test_scores_as_of_a_day_without_data_say_which_week_they_are_of(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("score", "--json")
    known = json.loads(capsys.readouterr().out)["as_of"]

    code = edupulse("score", "--as-of", "2099-01-01", "--json")

    said = capsys.readouterr()
    assert code == 0
    assert json.loads(said.out)["as_of"] == known
    assert f"ended on {said_day(date.fromisoformat(known))}: scored" in said.err


@pytest.mark.parametrize(
    ("words", "done"), [(["features"], "the features end"), (["explain"], "explained")]
)
def test_a_day_after_the_last_week_is_answered_with_the_week_that_was_meant(
    words: list[str],
    done: str,
    home: Path,
    edupulse: Edupulse,
    capsys: pytest.CaptureFixture[str],
) -> None:
    edupulse("score", "--out", home / "scores.csv", "--json")
    known = date.fromisoformat(json.loads(capsys.readouterr().out)["as_of"])
    student = csv.read_csv(home / "scores.csv")["student_id"][0].as_py()
    asked = [*words, *([student] if words == ["explain"] else []), "--as-of"]

    assert edupulse(*asked, str(known + timedelta(days=6))) == 0
    right_after = capsys.readouterr().err
    assert edupulse(*asked, str(known + timedelta(days=7))) == 0
    later = capsys.readouterr().err

    assert right_after == ""
    assert f"ended on {said_day(known)}: {done}" in later and later.count("\n") == 1


def test_scores_as_of_the_data_s_end_say_nothing_more(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("score", "--json")
    known = date.fromisoformat(json.loads(capsys.readouterr().out)["as_of"])

    edupulse("score", "--as-of", known + timedelta(days=6))

    assert capsys.readouterr().err == ""


def test_a_night_imports_and_scores(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("nightly", home / "data" / "demo", "--json")

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["ingest"]["students"] > 0
    assert found["score"]["scored"] > 100


def test_a_night_says_what_it_rejected(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    incidents = home / "data" / "demo" / "incidents.csv"
    header, first = incidents.read_text().splitlines()[:2]
    row = dict(zip(header.split(","), first.split(","), strict=True))
    row |= {"sourcedId": "unheard-of", "studentSourcedId": "nobody"}
    with incidents.open("a") as file:
        file.write(",".join(row.values()) + "\n")

    code = edupulse("nightly", home / "data" / "demo")

    said = capsys.readouterr().out
    assert code == 0
    assert "Rejected" in said and "edupulse rejects --out" in said
    assert re.search(r"1\d\d of 1\d\d students scored", said)


def test_a_night_that_brings_nothing_new_says_what_it_scored_again(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    stands = json.loads((home / "data" / "warehouse" / "current.json").read_text())["version"]

    edupulse("nightly", home / "data" / "demo")

    said = capsys.readouterr().out
    assert re.search(rf"Nothing changed, still {stands}: 1\d\d of 1\d\d students scored", said)


def test_a_reason_is_told_to_people_in_lines(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("score", "--out", home / "scores.parquet")
    scores = parquet.read_table(home / "scores.parquet").to_pandas()
    known = scores.dropna(subset="risk_score").iloc[0]
    capsys.readouterr()

    code = edupulse("explain", known["student_id"])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0] == f"{known['student_id']}, as of {said_day(known['as_of'])}"
    assert lines[1].startswith(f"Risk score {in_words(known['risk_score'])}")
    assert lines[1].endswith(known["tier"].title())
    assert lines[2].startswith("1. ")


def test_a_students_reasons_are_the_same_at_night_on_the_page_and_on_the_command_line(
    home: Path,
    edupulse: Edupulse,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edupulse_core.families.risk.attribution.STEPS", (2,))  # of heatmaps alone
    settings = load_settings()
    store, district = open_store(settings), open_district(settings)
    run = runs.latest_run(store, NAME)
    assert run is not None and run.run_id is not None
    rows = predictions.run_rows(store, run.run_id).to_pylist()[::6]  # a second and a half each
    lead = next(viewer for viewer in personas(district.con) if viewer.role == "district")

    night, page, command_line = {}, {}, {}
    for row in rows:
        if row["risk_score"] is not None:
            name, told = row["student_id"], json.loads(row["factors"])
            night[name] = [(each["feature"], each["direction"]) for each in told]
            shown = StudentRecord(lead, district, name).reasons
            page[name] = [(each.feature, each.direction) for each in shown]
            edupulse("explain", name, "--json")
            told = json.loads(capsys.readouterr().out)["factors"]
            command_line[name] = [(each["feature"], each["direction"]) for each in told]

    assert len(night) > 15 and max(map(len, night.values())) == 5
    assert command_line == night
    assert page == night


def test_what_is_known_of_a_student_is_kept_for_the_next_update_and_taken_back(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("score", "--out", str(home / "scores.csv"))
    rows = csv.read_csv(home / "scores.csv").to_pylist()
    student = next(row["student_id"] for row in rows if row["tier"] == "high")
    capsys.readouterr()

    assert edupulse("verdict", student, "--not-at-risk", "--note", "flu", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["outcome"], said["notes"]) == ("false_positive", "flu")
    assert edupulse("verdict", student, "--undo") == 0
    assert edupulse("verdict", student, "--undo") == 3
    assert edupulse("verdict", student) == 3
