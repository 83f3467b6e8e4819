"""A week of a district, scored: everybody enrolled, with reasons, kept in the store."""

import json
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from edupulse_core.errors import InputError, MissingError
from edupulse_core.families.risk import score, serve
from edupulse_core.families.risk import score_file as export
from edupulse_core.families.risk.factors import read
from edupulse_core.families.risk.reasons import sentence
from edupulse_core.families.risk.student import explain_student
from edupulse_core.families.risk.tiers import tier_of
from edupulse_core.features.catalogue import NAMES
from edupulse_core.store import predictions, runs
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots

pytestmark = pytest.mark.slow

LAST = date(2026, 3, 1)  # the Sunday of the eighth week


@pytest.fixture
def served(version):
    return serve.load(version)


@pytest.fixture
def run(home, served):
    return score.score(home.settings, served, home.snapshot)


def rows_of(run) -> dict:
    return {row["student_id"]: row for row in run.rows.to_pylist()}


def test_everybody_enrolled_in_the_week_is_in_the_run(run) -> None:
    assert run.as_of == LAST
    assert run.rows["student_id"].to_pylist() == [f"s{n:02}" for n in range(50)]


def test_whoever_is_gone_is_not_scored(home, served) -> None:
    with duckdb.connect(str(home.snapshot.path)) as con:
        con.execute("insert into users (user_id, is_active) values ('s03', false)")

    assert "s03" not in rows_of(score.score(home.settings, served, home.snapshot))


def test_under_four_weeks_of_history_there_is_no_score(run) -> None:
    newcomer = rows_of(run)["s00"]

    assert [newcomer[name] for name in ("risk_score", "tier", "p_low")] == [None] * 3
    assert newcomer["factors"] == "[]"
    assert run.as_json()["not_enough_data"] == 2


def test_three_known_weeks_are_too_few_and_four_enough(home, served) -> None:
    home.change("update student_weeks set known_weeks = 3 where student_id = 's01'")
    home.change("update student_weeks set known_weeks = 4 where student_id = 's02'")

    rows = rows_of(score.score(home.settings, served, home.snapshot))

    assert rows["s01"]["risk_score"] is None
    assert rows["s02"]["risk_score"] is not None


def test_the_tier_is_the_band_of_the_score(home, run) -> None:
    for row in run.rows.to_pylist():
        if row["risk_score"] is not None:
            assert row["tier"] == tier_of(home.settings, row["risk_score"])
            total = sum(row[f"p_{tier}"] for tier in ("low", "medium", "high", "critical"))
            assert total == pytest.approx(1)


@pytest.mark.parametrize(
    ("value", "tier"),
    [(0.0, "low"), (0.2499999, "low"), (0.25, "medium"), (0.5, "high"), (0.7499, "high")]
    + [(0.75, "critical"), (1.0, "critical")],
)
def test_a_score_on_an_edge_belongs_to_the_band_above(home, value, tier) -> None:
    assert tier_of(home.settings, value) == tier


def test_every_scored_student_has_up_to_five_known_factors_of_as_many_groups(run) -> None:
    counts = []
    for row in run.rows.to_pylist():
        found = read(row["factors"])
        assert len(found) <= (5 if row["risk_score"] is not None else 0)
        counts.append(len(found))
        assert len({factor.group for factor in found}) == len(found)
        if row["student_id"] >= "s30":
            assert not any(factor.feature.startswith("dsc_") for factor in found)
    assert max(counts) == 5


def test_norms_are_the_medians_of_the_own_school(home, run) -> None:
    factor = json.loads(rows_of(run)["s45"]["factors"])[0]
    with snapshots.connect(home.settings, home.snapshot, features=True) as con:
        table = con.sql(
            "select features.* from features join student_weeks using (student_id, week_start) "
            "where week_start = '2026-02-23' and school_id = 'south'"
        ).to_arrow_table()

    assert factor["norm"] == pytest.approx(np.median(table[factor["feature"]].to_numpy()))


@pytest.mark.parametrize(("n_known", "has_norm"), [(9, False), (10, True)])
def test_a_few_known_values_are_no_norm(home, n_known, has_norm) -> None:
    home.change(
        "update features set att_absence_rate_1w = null "
        f"where week_start = date '2026-02-23' and student_id > 's{n_known - 1:02}'"
    )
    with snapshots.connect(home.settings, home.snapshot, features=True) as con:
        norms = score.school_norms(con, date(2026, 2, 23))

    first = norms["north"][NAMES.index("att_absence_rate_1w")]
    assert np.isfinite(first) == has_norm


def test_work_handed_in_is_that_of_four_weeks_of_the_year(home) -> None:
    home.change(
        "insert into weekly by name select student_id, week_start, position as n_results "
        "from student_weeks"
    )
    home.change(  # a year that began two weeks ago
        "update student_weeks set school_year = 2027, position = position - 6 "
        "where student_id = 's02' and position > 6"
    )
    with snapshots.connect(home.settings, home.snapshot, features=True) as con:
        found = score.handed_in(con, date(2026, 2, 23))
        earlier = score.handed_in(con, date(2026, 1, 12), ["s01"])

    assert (found["s01"], found["s02"], found["s00"]) == (5 + 6 + 7 + 8, 7 + 8, 7 + 8)
    assert len(found) == 50
    assert earlier == {"s01": 1 + 2}


@pytest.mark.parametrize("n_results", [0, 1])
def test_late_work_is_told_of_those_who_handed_some_in_and_counted(
    home, served, version, n_results
) -> None:
    home.change("update features set grd_missing_rate_4w = 0.3, grd_late_rate_4w = 0")
    home.change("update features set grd_late_rate_4w = 1 where student_id[3]::integer % 2 = 1")
    home.change(
        f"insert into weekly by name select student_id, week_start, {n_results} as n_results "
        "from student_weeks where week_start = '2026-02-23'"
    )

    rows = rows_of(score.score(home.settings, served, home.snapshot))

    pieces = {
        student_id: factor.pieces
        for student_id, row in rows.items()
        for factor in read(row["factors"])
        if factor.feature == "grd_late_rate_4w"
    }
    assert set(pieces.values()) == ({1} if n_results else set())
    for student_id in list(pieces)[:1]:
        own = explain_student(home.settings, version, home.snapshot, student_id).explanation
        assert own and ("grd_late_rate_4w", pieces[student_id]) in [
            (factor.feature, factor.pieces) for factor in own.factors
        ]


def test_in_a_school_of_nine_the_reasons_tell_of_no_typical_value(home, served) -> None:
    home.change(
        "update student_weeks set school_id = 'tiny' where student_id between 's01' and 's09'"
    )

    rows = rows_of(score.score(home.settings, served, home.snapshot))

    factors = [factor for n in range(1, 10) for factor in json.loads(rows[f"s{n:02}"]["factors"])]
    assert len(factors) > 9
    assert all(factor["norm"] is None and np.isfinite(factor["attribution"]) for factor in factors)


def test_a_school_that_knows_nothing_of_a_feature_has_no_norm(home) -> None:
    with snapshots.connect(home.settings, home.snapshot, features=True) as con:
        norms = score.school_norms(con, date(2026, 2, 23))

    assert np.isnan(norms["south"][29:]).all()
    assert np.isfinite(norms["north"]).all()
    assert norms["north"].shape == (len(NAMES),)


def test_the_run_is_kept_with_version_week_and_data(home, run, served) -> None:
    store = open_store(home.settings)

    kept = runs.latest_run(store, "risk")

    assert (kept.run_id, kept.as_of, kept.version) == (run.run_id, LAST, served.version)
    assert (kept.warehouse_version, kept.form, kept.n_students) == ("v1", "eager", 50)
    assert predictions.run_rows(store, run.run_id).equals(run.rows)


def test_the_week_before_is_scored_once_to_show_the_change(home, run, served) -> None:
    store = open_store(home.settings)
    before = runs.run_before(store, runs.latest_run(store, "risk"))

    score.score(home.settings, served, home.snapshot)

    assert before.as_of == date(2026, 2, 22)
    again = runs.run_before(store, runs.latest_run(store, "risk"))
    assert again.run_id == before.run_id


@pytest.mark.parametrize("undone", [True, False])
def test_the_week_before_is_scored_anew_where_its_data_were_taken_back(
    undone: bool, home, served
) -> None:
    store = open_store(home.settings)
    shown = runs.RunRecord(served.version, date(2026, 2, 22), "v0", served.form, family="risk")
    predictions.write_run(store, shown, [])
    pointer = {"version": "v1", "previous": [], "undone": ["v0"] if undone else []}
    home.settings.published.write_text(json.dumps(pointer))

    score.score(home.settings, served, home.snapshot)

    before = runs.latest_run(store, "risk", as_of=date(2026, 2, 22))
    assert before.warehouse_version == ("v1" if undone else "v0")


def test_a_past_week_is_scored_as_it_was_then(home, run, served) -> None:
    past = score.score(home.settings, served, home.snapshot, as_of=date(2026, 2, 24))
    before = predictions.run_rows(open_store(home.settings), 1)

    assert past.as_of == date(2026, 2, 22)
    assert past.rows["risk_score"].equals(before["risk_score"])


def test_later_weeks_change_no_earlier_score(home, served) -> None:
    past = score.score(home.settings, served, home.snapshot, as_of=date(2026, 2, 22))
    home.change("delete from features where week_start > '2026-02-16'")
    home.change("delete from student_weeks where week_start > '2026-02-16'")

    again = score.score(home.settings, served, home.snapshot)

    assert again.as_of == past.as_of
    assert again.rows.equals(past.rows)


def test_a_week_before_all_data_is_refused(home, served) -> None:
    known = "no school week ends by Dec 31, 2025: the first ends on .*, the last on Mar 1, 2026"
    with pytest.raises(MissingError, match=known):
        score.score(home.settings, served, home.snapshot, as_of=date(2025, 12, 31))


def test_a_home_without_a_week_of_data_has_nothing_to_score(home, served) -> None:
    home.change("delete from student_weeks")

    with pytest.raises(MissingError, match="ends by today: none has data yet"):
        score.score(home.settings, served, home.snapshot)


def test_parts_of_the_district_give_the_same_scores(home, run, served, monkeypatch) -> None:
    monkeypatch.setattr(score, "PARTITION", 7)
    seen = []

    parts = score.score(
        home.settings, served, home.snapshot, progress=lambda *given: seen.append(given)
    )

    scores = [np.array(r.rows["risk_score"].to_numpy(), float) for r in (run, parts)]
    assert np.nanmax(np.abs(scores[0] - scores[1])) < 1e-6
    assert seen[0] == ("score", 7, 50)
    assert seen[-1] == ("score", 50, 50)


def test_the_file_has_the_contracts_columns(run, tmp_path) -> None:
    export.write_scores(run, tmp_path / "scores.parquet")

    table = parquet.read_table(tmp_path / "scores.parquet")

    assert table.column_names == (
        "student_id as_of risk_score tier p_low p_medium p_high p_critical model_version "
        "factor_1 factor_2 factor_3 factor_4 factor_5"
    ).split(" ")
    assert table["risk_score"].equals(run.rows["risk_score"])
    assert table["factor_1"][0].as_py() is None
    assert table["factor_5"][1].as_py() in NAMES


def test_a_csv_has_full_precision_and_empty_unknowns(run, tmp_path) -> None:
    export.write_scores(run, tmp_path / "scores.csv")

    lines = (tmp_path / "scores.csv").read_text().splitlines()
    table = csv.read_csv(tmp_path / "scores.csv")

    assert lines[1].startswith('"s00",2026-03-01,,,') or lines[1].startswith("s00,2026-03-01,,,")
    assert table["risk_score"].to_pylist()[1] == run.rows["risk_score"].to_pylist()[1]


def test_a_csv_holds_no_formulas(run, tmp_path) -> None:
    ids = ["=1+1", "@x", "-1", "+1", *run.rows["student_id"].to_pylist()[4:]]
    rows = run.rows.set_column(0, "student_id", pa.array(ids))
    changed = score.ScoreRun(run.run_id, run.as_of, run.version, rows)

    export.write_scores(changed, tmp_path / "scores.csv")

    written = csv.read_csv(tmp_path / "scores.csv")["student_id"].to_pylist()
    assert {"'=1+1", "'@x", "'-1", "'+1", "s10"} <= set(written)


def test_another_kind_of_file_is_refused(run, tmp_path) -> None:
    with pytest.raises(InputError, match="must end in .csv or .parquet"):
        export.write_scores(run, tmp_path / "scores.xlsx")


def test_a_student_is_explained_with_the_score_of_the_run(home, run, version) -> None:
    found = explain_student(home.settings, version, home.snapshot, "s45")
    value = json.loads(json.dumps(found.as_json(), allow_nan=False))

    row = rows_of(run)["s45"]
    assert value["risk_score"] == pytest.approx(row["risk_score"], abs=1e-6)
    assert (value["tier"], value["as_of"]) == (row["tier"], "2026-03-01")
    assert value["observed"] == [False] * 12 + [True] * 8
    listed = {factor["feature"] for factor in json.loads(row["factors"])}
    explained = {factor["feature"] for factor in value["factors"]}
    assert listed and len(listed - explained) <= 1


def test_a_newcomer_is_explained_by_nothing(home, version) -> None:
    value = explain_student(home.settings, version, home.snapshot, "s00").as_json()

    assert value["risk_score"] is None
    assert value["factors"] == []


def test_a_student_who_is_not_enrolled_is_not_explained(home, version) -> None:
    with pytest.raises(MissingError, match="no student 'nobody' was enrolled"):
        explain_student(home.settings, version, home.snapshot, "nobody")


def test_reasons_say_that_marks_are_old_in_the_run_and_in_its_explanations(
    home, served, version
) -> None:
    with duckdb.connect(str(home.snapshot.path)) as con:
        con.execute("""
            insert into school_years values (2026, '2025-09-01', null);
            insert into line_items values ('quiz', 'Quiz', 'math', '2026-01-05', 0, 10);
            insert into results
                (result_id, line_item_id, student_id, score_status, score, score_date)
            select 'r' || n, 'quiz', format('s{:02d}', n), 'fully graded', 8, '2026-01-05'
            from range(50) as students(n);
        """)
    run = score.score(home.settings, served, home.snapshot)
    # The late share is of no work here; told all the same, it would say none of what follows.
    dated = {"grd_score_mean_1w", "grd_score_mean_4w", "grd_late_rate_4w"}

    told = {
        row["student_id"]: sentence(factor, home.settings)
        for row in rows_of(run).values()
        for factor in read(row["factors"])
        if factor.feature in dated
    }
    explained = [
        sentence(factor, home.settings)
        for name in list(told)[:6]
        for factor in explain_student(
            home.settings, version, home.snapshot, name
        ).explanation.factors
        if factor.feature in dated
    ]

    assert told and explained
    for said in (*told.values(), *explained):
        assert "none this week" in said or "none in the last 4" in said
