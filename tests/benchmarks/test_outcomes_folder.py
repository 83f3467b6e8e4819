"""Any folder with the same files can be tried; what it lacks is told in one sentence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from edupulse_core.errors import MissingError, SourceError
from tests.benchmarks import bench_outcomes
from tests.benchmarks.outcomes import made_up, other_courses, oulad, oulad_daily
from tests.benchmarks.outcomes.made_up import ANA, CY, HERE
from tests.benchmarks.outcomes.oulad import Tables

FLAGS = "study,dropout_indicator,sensitivity,specificity\nAllensworth,on track indicator,.7,.8\n"


def three_years() -> Tables:
    """The last of three began when another had ended and the third ran; a fourth has no days."""
    return made_up.together(
        made_up.cohort("XYZ-2020B", 40, 1000),
        made_up.cohort("XYZ-2021B", 40, 2000),
        made_up.cohort("UVW-2020J", 40, 3000),  # until June 2021
        made_up.cohort("UVW-2020B", 60, 4000, daily=False),
    )


def folder_of(tables: Tables, folder: Path) -> Path:
    made_up.write(tables, folder / "oulad")
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
        oulad_daily.case(made_up.tables(), (4,))


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
    shared = made_up.cohort("UVW-2020B", 30, 1000, daily=False)  # students of XYZ-2020B

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
    tables = made_up.tables()
    weekly = oulad.weekly(tables, [HERE])
    row, total = weekly.student.tolist().index(ANA), oulad.SUMS.index("total_clicks")

    days = other_courses.clicks_in_days(tables, weekly)[row, :, total]
    file = other_courses.clicks_in_file(tables, weekly)[row, :, total]

    assert np.isnan(days[:2]).all() and np.isnan(file[:2]).all()
    assert np.expm1(days[2:6]).round() == pytest.approx([13, 13, 15, 15])  # day 15 is in week 3
    assert np.expm1(file[2:6]).round() == pytest.approx([15, 15, 15, 15])


def test_sums_of_a_student_of_two_courses_are_unknown() -> None:
    tables = made_up.tables()
    twice = tables.info[tables.info["id_student"] == ANA].assign(code_presentation="2014J")
    weekly = oulad.weekly(tables, [HERE])

    found = other_courses.clicks_in_file(
        replace(tables, info=pd.concat([tables.info, twice])), weekly
    )

    assert np.isnan(found[weekly.student == ANA]).all()
    assert np.isfinite(found[weekly.student == CY][0, 2:]).all()


def test_a_folder_of_other_years_is_tried_whole(tmp_path: Path) -> None:
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
    assert [table["title"] for table in bench_outcomes.tables(found)] == [
        *found["results"],
        "OULAD daily: AUC lost on a later presentation",
        "Published dropout flags beside OULAD",
        "Goals",
    ]
    assert any("min of these left" in line for line in lines)


def test_a_folder_where_nothing_comes_later_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(made_up.cohort("XYZ-2020B", 60, 1000), tmp_path / "data")

    code = bench_outcomes.main(["--data", str(folder), "--quick", "--parts", "sums", "--jobs", "1"])

    assert code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "no presentation had ended when XYZ-2020B began" in shown
    assert "earlier to" not in shown


def test_a_handful_of_students_is_refused_in_one_sentence(tmp_path: Path) -> None:
    folder = folder_of(made_up.cohort("XYZ-2020B", 49, 1000), tmp_path / "data")

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
    folder = folder_of(made_up.tables(), tmp_path / "data")
    path = folder / "oulad" / f"{file}.parquet"
    if damage is None:
        path.unlink()
    else:
        pd.read_parquet(path).drop(columns=damage).to_parquet(path)

    with pytest.raises((MissingError, SourceError), match=said):
        bench_outcomes.run(folder, parts=("daily",), log=lambda _: None)


def test_a_file_that_is_no_parquet_is_one_sentence(tmp_path: Path) -> None:
    folder = folder_of(made_up.tables(), tmp_path / "data")
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
    tables = made_up.tables()
    changed = getattr(tables, table).assign(**{column: value})
    folder = folder_of(replace(tables, **{table: changed}), tmp_path / "data")

    with pytest.raises(SourceError, match=said):
        read = oulad.read(folder / "oulad")
        oulad.last(read, [HERE])
