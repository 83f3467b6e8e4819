"""Any folder with the same files can be tried; what it lacks is told in one sentence."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from edupulse_core.errors import MissingError, SourceError
from edupulse_core.lifecycle import benchmarks
from tests.benchmarks import bench_outcomes
from tests.benchmarks.outcomes import (
    fictional,
    hsls,
    models,
    other_courses,
    oulad,
    oulad_daily,
    protocol,
)
from tests.benchmarks.outcomes.fictional import ANA, CY, HERE
from tests.benchmarks.outcomes.models import Effort
from tests.benchmarks.outcomes.oulad import Tables

FLAGS = "study,dropout_indicator,sensitivity,specificity\nAllensworth,on track indicator,.7,.8\n"


def three_years() -> Tables:
    """The last of three began when another had ended and the third ran; a fourth has no days."""
    return fictional.together(
        fictional.cohort("XYZ-2020B", 40, 1000),
        fictional.cohort("XYZ-2021B", 40, 2000),
        fictional.cohort("UVW-2020J", 40, 3000),  # until June 2021
        fictional.cohort("UVW-2020B", 60, 4000, daily=False),
    )


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least effort that still runs everything."""
    monkeypatch.setattr(bench_outcomes, "QUICK", Effort(inner=2, seeds=1, epochs=1, variants=False))


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Splits are fitted here, with one choice each: to start a process takes longer than they."""
    threads, exact = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    monkeypatch.setattr(protocol, "ProcessPoolExecutor", lambda *_, **__: ThreadPoolExecutor(1))
    for choices in ("LOGISTIC", "BOOSTING", "NETWORK"):
        monkeypatch.setattr(models, choices, getattr(models, choices)[:1])
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(exact)


def folder_of(tables: Tables, folder: Path) -> Path:
    fictional.write(tables, folder / "oulad")
    (folder / "dropout_indicators").mkdir()
    (folder / "dropout_indicators" / "bowersEWS.csv").write_text(FLAGS)
    return folder


def test_presentations_and_their_order_come_from_the_files() -> None:
    tables = three_years()

    daily = oulad.with_daily_clicks(tables)

    assert daily == ["UVW-2020J", "XYZ-2020B", "XYZ-2021B"]
    assert oulad.last(tables, daily) == ["XYZ-2021B"]
    assert oulad.ended(tables, daily, ["XYZ-2021B"]) == ["XYZ-2020B"]
    assert oulad.ended(tables, ["XYZ-2020B"], ["UVW-2020J"]) == ["XYZ-2020B"]


def test_a_presentation_that_ends_on_the_day_another_begins_is_over() -> None:
    tables = three_years()
    for length, over in ((days_between := 366, ["XYZ-2020B"]), (days_between + 1, [])):
        courses = tables.courses.copy()
        courses.loc[courses["code_presentation"] == "2020B", "module_presentation_length"] = length
        changed = replace(tables, courses=courses)

        assert oulad.ended(changed, ["XYZ-2020B"], ["XYZ-2021B"]) == over


def test_modules_are_told_apart_as_they_come() -> None:
    names = oulad_daily.case(three_years()).weekly.names

    assert [name for name in names if name.startswith("module_")] == ["module_UVW"]


def test_weeks_that_the_clicks_do_not_reach_are_left_out() -> None:
    case = oulad_daily.case(three_years())  # nine weeks of clicks

    assert list(case.cuts) == ["2", "4", "8"]
    with pytest.raises(MissingError, match="no clicks by week 4"):
        oulad_daily.case(fictional.tables(), (4,))


def test_the_other_courses_score_each_step_with_what_was_known_then() -> None:
    tables = three_years()
    case = oulad_daily.case(tables)

    found = other_courses.add(case, tables, ["UVW-2020B"]).weekly

    assert found.names[-1] == "other_courses"
    logits = found.values[:, :, -1]
    assert np.isnan(logits[:, 0]).all() and np.isfinite(logits[:, 1:]).all()
    assert sum(found.sizes) == len(found.names) == found.values.shape[2]


def test_no_student_at_hand_teaches() -> None:
    tables = three_years()
    case = oulad_daily.case(tables)
    known = other_courses.add(case, tables, ["UVW-2020B"]).weekly.values[:, :, -1]
    turned = tables.info.copy()
    own = turned["code_presentation"] != "2020B"
    turned.loc[own, "final_result"] = "Withdrawn"
    shared = fictional.cohort("UVW-2020B", 30, 1000, daily=False)  # students of XYZ-2020B

    unknown = other_courses.add(case, replace(tables, info=turned), ["UVW-2020B"])
    joined = replace(
        tables,
        info=pd.concat([tables.info, shared.info]),
        registration=pd.concat([tables.registration, shared.registration]),
    )
    beside = other_courses.add(case, joined, ["UVW-2020B"])

    assert np.array_equal(known, unknown.weekly.values[:, :, -1], equal_nan=True)
    assert np.array_equal(known, beside.weekly.values[:, :, -1], equal_nan=True)


def test_sums_from_days_are_those_of_the_file_and_last_until_the_next() -> None:
    tables = fictional.tables()
    weekly = oulad.weekly(tables, [HERE])
    row, total = weekly.student.tolist().index(ANA), oulad.SUMS.index("total_clicks")

    days = other_courses.clicks_in_days(tables, weekly)[row, :, total]
    file = other_courses.clicks_in_file(tables, weekly)[row, :, total]

    assert np.isnan(days[:2]).all() and np.isnan(file[:2]).all()
    assert np.expm1(days[2:6]).round() == pytest.approx([13, 13, 15, 15])  # day 15 is in week 3
    assert np.expm1(file[2:6]).round() == pytest.approx([15, 15, 15, 15])


def test_sums_of_a_student_of_two_courses_are_unknown() -> None:
    tables = fictional.tables()
    twice = tables.info[tables.info["id_student"] == ANA].assign(code_presentation="2014J")
    weekly = oulad.weekly(tables, [HERE])

    found = other_courses.clicks_in_file(
        replace(tables, info=pd.concat([tables.info, twice])), weekly
    )

    assert np.isnan(found[weekly.student == ANA]).all()
    assert np.isfinite(found[weekly.student == CY][0, 2:]).all()


def test_a_folder_of_other_years_is_tried_whole(
    tmp_path: Path, little: None, in_this_process: None
) -> None:
    folder = folder_of(three_years(), tmp_path / "data")
    lines: list[str] = []

    found = bench_outcomes.run(folder, quick=True, parts=("daily",), jobs=1, log=lines.append)

    assert list(found["results"]) == [
        "OULAD daily, by student, still registered",
        "OULAD daily, by student, with those who had left",
        "OULAD daily, earlier to XYZ-2021B, still registered",
    ]
    later = found["results"]["OULAD daily, earlier to XYZ-2021B, still registered"]["4"]
    assert later["students"] == 40
    assert later["models"]["blend, other courses"]["auc"] > 0.6
    assert found["notes"] == []
    shown = {table["title"]: table["rows"] for table in bench_outcomes.tables(found)}
    assert list(shown) == [
        *found["results"],
        "OULAD daily: AUC lost on a later presentation",
        "Published dropout flags beside OULAD",
        "Goals",
    ]
    lost = {row["model"] for row in shown["OULAD daily: AUC lost on a later presentation"]}
    assert lost == {*later["models"]} - {"ABC-like rule"}  # which learns nothing that could be lost
    assert found["partial"]
    assert found["command"] == "edupulse bench outcomes --data DIR"
    assert any("min of these left" in line for line in lines)


def test_a_folder_where_nothing_comes_later_says_so(
    tmp_path: Path, little: None, in_this_process: None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(fictional.cohort("XYZ-2020B", 60, 1000), tmp_path / "data")

    code = bench_outcomes.main(["--data", str(folder), "--quick", "--parts", "sums", "--jobs", "1"])

    assert code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "no presentation had ended when XYZ-2020B began" in shown
    assert "earlier to" not in shown


def test_a_handful_of_students_is_refused_in_one_sentence(tmp_path: Path) -> None:
    folder = folder_of(fictional.cohort("XYZ-2020B", 49, 1000), tmp_path / "data")

    with pytest.raises(MissingError, match="OULAD daily: 49 students are too few, 50 are needed"):
        bench_outcomes.run(folder, quick=True, parts=("daily",), log=lambda _: None)


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        ("studentVle", None, "there is no file .*studentVle.parquet"),
        ("studentVle", "sum_click", "studentVle.parquet, column 'sum_click': there is no such"),
        ("courses", "module_presentation_length", "courses.parquet, column 'module_pres"),
    ],
)
def test_a_missing_file_or_column_is_one_sentence(
    tmp_path: Path, file: str, damage: str | None, said: str
) -> None:
    folder = folder_of(fictional.tables(), tmp_path / "data")
    path = folder / "oulad" / f"{file}.parquet"
    if damage is None:
        path.unlink()
    else:
        pd.read_parquet(path).drop(columns=damage).to_parquet(path)

    with pytest.raises((MissingError, SourceError), match=said):
        bench_outcomes.run(folder, parts=("daily",), log=lambda _: None)


@pytest.mark.parametrize(
    ("table", "column", "value", "said"),
    [
        ("info", "studied_credits", "?", "studentInfo.parquet, row 2, .*not a number: '[?]'"),
        ("info", "studied_credits", 0, "row 2, column 'studied_credits': less than 1: '0'"),
        ("info", "final_result", None, "row 2, column 'final_result': empty"),
        ("info", "id_student", ANA, "row 2, column '.*id_student': there is an earlier row"),
        ("registration", "id_student", ANA, "studentRegistration.parquet, row 2, .*earlier row"),
        ("courses", "module_presentation_length", None, "courses.parquet, row 1, .*empty"),
        ("assessments", "date", "?", "assessments.parquet, row 2, column 'date': not a number"),
        ("submitted", "score", "?", "studentAssessment.parquet, row 2, column 'score': not a num"),
        ("clicks", "date", "soon", "studentVle.parquet, row 2, column 'date': not a number: 'so"),
        ("clicks", "date", 1.5, "row 2, column 'date': not a whole number: '1.5'"),
        ("clicks", "sum_click", -1, "row 2, column 'sum_click': less than 0: '-1'"),
        ("sums", "Week", 2, "vle_agg_weeks_2_4_6_8.parquet, row 2, .*earlier row"),
    ],
)
def test_a_bad_value_is_one_sentence_with_file_and_column(
    tmp_path: Path, table: str, column: str, value: object, said: str
) -> None:
    tables = fictional.tables()
    cells = getattr(tables, table)[column].astype(object)
    cells.iloc[min(1, len(cells) - 1)] = value
    if isinstance(value, str):
        cells = cells.astype(str)
    changed = replace(tables, **{table: getattr(tables, table).assign(**{column: cells})})

    with pytest.raises(SourceError, match=said):
        oulad.read(folder_of(changed, tmp_path / "data") / "oulad")


def test_numbers_that_stand_as_text_are_read(tmp_path: Path) -> None:
    tables = fictional.tables()
    info = tables.info.assign(studied_credits=tables.info["studied_credits"].astype(str))

    found = oulad.read(folder_of(replace(tables, info=info), tmp_path / "data") / "oulad")

    assert found.info["studied_credits"].tolist() == [60, 60, 60, 60]
    assert np.array_equal(oulad.weekly(found).values, oulad.weekly(tables).values, equal_nan=True)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("X1RACE", None, "empty"),
        ("X1LOCALE", " ", "empty"),
        ("STU_ID", None, "empty"),
        ("STU_ID", 10, "there is an earlier row of the same"),
        ("STU_ID", "A7", "not a number: 'A7'"),
        ("X4EVERDROP", None, "empty"),
        ("X4EVERDROP", 2, "not between 0 and 1: '2"),
        ("X1SES", "high", "not a number: 'high'"),
    ],
)
def test_a_bad_value_of_a_high_school_is_one_sentence(
    tmp_path: Path, column: str, value: object, said: str
) -> None:
    table = fictional.high_school().astype({column: object})
    table.loc[1, column] = value
    table.to_csv(tmp_path / "hsls_train.csv", index=False)

    with pytest.raises(SourceError, match=f"hsls_train.csv, row 3, column '{column}': {said}"):
        hsls.read(tmp_path)


def test_what_nobody_answered_is_no_bad_value(tmp_path: Path) -> None:
    fictional.high_school().assign(X1SES=[0.5, None]).to_csv(
        tmp_path / "hsls_train.csv", index=False
    )

    assert np.isnan(hsls.read(tmp_path).case.weekly.values[1]).any()


@pytest.mark.parametrize("name", ["", "nowhere/found.json", "file/found.json"])
def test_figures_that_cannot_be_written_are_refused_before_the_first_part(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    code = bench_outcomes.main(["--data", str(tmp_path), "--out", str(tmp_path / name)])

    said = capsys.readouterr().err
    assert code == 3 and "cannot be written" in said and "reading" not in said
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_file_of_earlier_figures_stays_until_there_are_others(tmp_path: Path) -> None:
    (tmp_path / "found.json").write_text("{}")

    assert bench_outcomes.main(["--data", str(tmp_path), "--out", f"{tmp_path}/found.json"]) == 3
    assert (tmp_path / "found.json").read_text() == "{}"


def test_a_file_that_is_no_parquet_is_one_sentence(tmp_path: Path) -> None:
    folder = folder_of(fictional.tables(), tmp_path / "data")
    (folder / "oulad" / "vle.parquet").write_text("not this")

    with pytest.raises(SourceError, match="vle.parquet: not a parquet file"):
        bench_outcomes.run(folder, parts=("daily",), log=lambda _: None)


@pytest.mark.parametrize(
    ("table", "column", "value", "said"),
    [
        ("info", "final_result", "Passed", "column 'final_result': not one of .*'Passed'"),
        ("courses", "code_presentation", "2013Z", "not a year and a letter from A to L: '2013Z'"),
        ("courses", "code_module", "BBB", "courses.parquet: there is no AAA-2013J"),
    ],
)
def test_a_value_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, table: str, column: str, value: str, said: str
) -> None:
    tables = fictional.tables()
    changed = getattr(tables, table).assign(**{column: value})
    folder = folder_of(replace(tables, **{table: changed}), tmp_path / "data")

    with pytest.raises(SourceError, match=said):
        read = oulad.read(folder / "oulad")
        oulad.last(read, [HERE])


@pytest.mark.parametrize(("partial", "kept"), [(False, True), (True, False)])
def test_only_a_whole_run_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, partial: bool, kept: bool
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path))
    parts = {"results": {}, "drop_on_later": {}, "notes": [], "goals": []}
    monkeypatch.setattr(bench_outcomes, "run", lambda *_, **__: {**parts, "partial": partial})

    assert bench_outcomes.main([]) == 0

    file = tmp_path / "models" / "risk" / benchmarks.FILE
    assert file.is_file() == kept
