"""The demo district: reproducible, importable, believable, and as its truth says."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from edupulse_core import demo
from edupulse_core.config import Settings
from edupulse_core.demo import episodes
from edupulse_core.features import build
from edupulse_core.features.catalogue import FEATURES
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import Summary, ingest

pytestmark = pytest.mark.slow

END = date(2026, 11, 15)
TODAY = date(2026, 11, 21)


@dataclass(frozen=True)
class District:
    """A mid-sized demo district, imported and featured."""

    folder: Path
    summary: Summary
    con: duckdb.DuckDBPyConnection

    def one(self, sql: str) -> tuple[Any, ...]:
        row = self.con.execute(sql).fetchone()
        assert row is not None
        return row

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def arrays(self, sql: str) -> dict[str, np.ndarray]:
        return self.con.execute(sql).fetchnumpy()


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    folder = tmp_path_factory.mktemp("demo")
    demo.write(folder / "bundle", students=1500, end=END, learning=False, futures=32, every=6)
    settings = Settings(home=folder / "home", import_day=TODAY)
    summary = ingest(settings, folder / "bundle")
    snapshot = snapshots.current(settings)
    build.ensure(settings, snapshot)
    con = duckdb.connect()
    con.execute(
        "create table risk as select * from read_parquet($1)",
        [str(folder / "bundle" / "truth" / "risk.parquet")],
    )
    con.execute(
        "create table causes as select * from read_csv($1)",
        [str(folder / "bundle" / "truth" / "causes.csv")],
    )
    with snapshots.connect(settings, snapshot, features=True) as warehouse:
        for name in ("risk", "causes"):
            warehouse.register(f"{name}_rows", con.table(name).to_arrow_table())
            warehouse.execute({"risk": _RISK, "causes": _CAUSES}[name])
        yield District(folder / "bundle", summary, warehouse)


_RISK = "create temp table risk as select * from risk_rows"
_CAUSES = "create temp table causes as select * from causes_rows"


def write(out: Path, **more: Any) -> Path:
    demo.write(out, **{"students": 90, "weeks": 14, "end": END, "futures": 2, **more})
    return out


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*.csv"))
    }


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one"), write(tmp_path / "two")

    assert digests(one) == digests(two)
    assert digests(one / "truth") == digests(two / "truth")
    risk = [(folder / "truth" / "risk.parquet").read_bytes() for folder in (one, two)]
    assert risk[0] == risk[1]


def test_another_seed_is_another_district(tmp_path: Path) -> None:
    one = digests(write(tmp_path / "one", truth=False, seed=1))
    two = digests(write(tmp_path / "two", truth=False, seed=2))

    assert one["attendance.csv"] != two["attendance.csv"]
    assert one["users.csv"] != two["users.csv"]


def test_the_bundle_is_the_same_with_and_without_its_truth(tmp_path: Path) -> None:
    told, untold = write(tmp_path / "told"), write(tmp_path / "untold", truth=False)

    assert digests(told) == digests(untold)
    assert not (untold / "truth").exists()


def test_a_district_that_is_not_finished_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise SystemExit(130)

    earlier = write(tmp_path / "there")
    (earlier / "mine.txt").write_text("a note")
    before = digests(earlier)

    for name in ("new", "there"):
        with pytest.raises(SystemExit):
            write(tmp_path / name, seed=2, progress=stop)

    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert digests(earlier) == before
    write(earlier, seed=2)
    assert digests(earlier) != before
    assert (earlier / "mine.txt").exists()
    assert not list(earlier.glob(".*"))


def test_an_earlier_truth_does_not_stay_beside_a_new_district(tmp_path: Path) -> None:
    out = write(tmp_path / "out", seed=1)

    write(out, seed=2, truth=False)

    assert not (out / "truth").exists()


@pytest.mark.parametrize(
    "size",
    [
        {"students": 30},
        {"students": 30, "years": 1, "weeks": 1},
        {"students": 60, "years": 3, "weeks": 36},
    ],
    ids=str,
)
def test_the_smallest_and_the_longest_districts_import_whole(
    tmp_path: Path, size: dict[str, int]
) -> None:
    out = write(tmp_path / "bundle", **size)

    summary = ingest(Settings(home=tmp_path / "home", import_day=TODAY), out)

    assert summary.as_json()["rejects"] == {}
    assert summary.as_json()["students"] == size["students"]


def test_a_large_district_has_several_schools_of_each_kind(tmp_path: Path) -> None:
    out = write(tmp_path / "bundle", students=3000, weeks=2, years=1, truth=False)

    summary = ingest(Settings(home=tmp_path / "home", import_day=TODAY), out)

    assert summary.as_json()["rejects"] == {}
    orgs = (out / "orgs.csv").read_text()
    for kind in ("Elementary", "Middle", "High"):
        assert orgs.count(f"{kind} School") == 2


@pytest.mark.parametrize("days_later", [0, 1, 6])
def test_the_last_week_ends_on_the_sunday_on_or_before_the_given_day(
    tmp_path: Path, days_later: int
) -> None:
    out = write(tmp_path / "bundle", end=END + timedelta(days=days_later), truth=False)

    last = duckdb.read_csv(str(out / "attendance.csv")).max("date").fetchall()[0][0]

    assert END - timedelta(days=6) <= last <= END


def test_no_row_is_refused(district: District) -> None:
    value = district.summary.as_json()

    assert value["rejects"] == {}
    assert value["students"] == 1500
    assert value["weeks"] == 36 + 24


def test_the_manifest_marks_it_as_a_demo(district: District) -> None:
    assert district.one("select is_demo, calendar_assumed from imports") == (True, False)


def test_nobody_has_two_classes_in_one_period(district: District) -> None:
    clashes = """
        select user_id, periods, start_date from enrollment_spans join classes using (class_id)
        where enrollment_spans.role = 'student' or classes.course_id >= 'CRS-06'
        group by all having count(*) > 1
    """

    assert district.all(clashes) == []


def test_every_role_of_the_picker_has_somebody(district: District) -> None:
    roles = dict(district.all("select role, count(*) from user_roles group by role"))

    assert roles["principal"] == 3
    assert roles["districtAdministrator"] == roles["siteAdministrator"] == 1
    assert roles["counselor"] >= 3
    assert roles["teacher"] > 40


def test_every_enrolled_student_is_on_one_caseload_of_their_school(district: District) -> None:
    n, n_students = district.one("select count(*), count(distinct student_id) from caseloads")
    wrong = district.one(
        """
        select count(*) from caseloads
        join user_roles c on c.user_id = counselor_id
        join user_roles s on s.user_id = student_id
        where c.org_id <> s.org_id
        """
    )
    per_counselor = district.all("select count(*) from caseloads group by counselor_id")

    assert n == n_students
    assert wrong == (0,)
    assert all(150 <= size <= 525 for (size,) in per_counselor)


def test_classes_have_a_usual_size(district: District) -> None:
    mean, most = district.one(
        """
        select avg(n), max(n) from (
            select count(*) as n from enrollments where role = 'student' group by class_id
        )
        """
    )

    assert 18 <= mean <= 28
    assert most <= 32


def test_about_a_quarter_is_chronically_absent(district: District) -> None:
    (rate,) = district.one(_LAST_OF_YEAR_CHRONIC)

    assert 0.18 <= rate <= 0.32


_LAST_OF_YEAR_CHRONIC = """
    select avg(att_is_chronic) from (
        select att_is_chronic from features join student_weeks using (student_id, week_start)
        qualify row_number() over (
            partition by student_id, school_year order by week_start desc) = 1
    )
"""


def test_flags_are_as_frequent_as_in_us_schools(district: District) -> None:
    a, b, c, severity = district.one(
        """
        select avg(flag_a::int), avg(flag_b::int), avg(flag_c::int), avg((severity > 0)::int)
        from outcomes where severity is not null
        """
    )

    assert 0.18 <= a <= 0.32
    assert 0.015 <= b <= 0.06
    assert 0.13 <= c <= 0.21
    assert 0.22 <= severity <= 0.42


def test_four_to_six_in_a_hundred_are_removed_in_a_year(district: District) -> None:
    n_removed, n_students = district.one(
        """
        select count(distinct student_id) filter (dsc_days_removed_ytd > 0),
            count(distinct student_id)
        from features join student_weeks using (student_id, week_start) where school_year =
            (select min(school_year) from student_weeks)
        """
    )

    assert 0.03 <= n_removed / n_students <= 0.08


def test_people_come_and_go(district: District) -> None:
    reasons = dict(district.all("select reason, count(*) from withdrawals group by reason"))

    assert set(reasons) == {"transfer", "dropout", "other", "graduated"}
    assert reasons["transfer"] > reasons["other"]


def test_groups_differ_through_hardship_that_shows_in_attendance(district: District) -> None:
    rates = dict(
        district.all(
            """
            select meal_status = 'paid', avg(att_absence_rate_1w) from features
            join demographics on user_id = student_id group by 1
            """
        )
    )

    assert rates[False] > 1.1 * rates[True]


def test_the_oracle_is_calibrated_on_what_then_happened(district: District) -> None:
    rows = district.arrays(_JUDGED)

    assert abs(rows["p_any"].mean() - (rows["actual"] > 0).mean()) < 0.025
    assert abs(rows["p_high"].mean() - (rows["actual"] >= 0.5).mean()) < 0.02
    assert abs(rows["expected"].mean() - rows["actual"].mean()) < 0.015
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.01)):
        some = (rows["p_any"] >= low) & (rows["p_any"] < high)
        actual = (rows["actual"][some] > 0).mean()
        assert abs(rows["p_any"][some].mean() - actual) < 0.06


def test_the_oracle_beats_the_plain_rule_and_is_not_certain(district: District) -> None:
    rows = district.arrays(_JUDGED)
    any_flag = rows["actual"] > 0

    oracle = roc_auc_score(any_flag, rows["p_any"])
    plain = roc_auc_score(any_flag, rows["rule"])

    assert 0.85 <= oracle <= 0.93
    assert plain + 0.1 < oracle


_JUDGED = """
    select p_any, p_high, risk.severity as expected, outcomes.severity as actual,
        att_is_chronic + (grd_courses_failing > 0)::int
        + (dsc_days_removed_ytd > 0 or dsc_incidents_ytd >= 2)::int as rule
    from risk join outcomes using (student_id, week_start)
    join features using (student_id, week_start) where outcomes.severity is not null
"""


def test_the_oracle_also_answers_for_the_latest_week(district: District) -> None:
    assert district.one("select max(week_start) from risk") == (END - timedelta(days=6),)


def test_planted_causes_show_in_the_features_they_name(district: District) -> None:
    with_cause, without = district.one(
        """
        select avg(att_excused_days_1w) filter (cause = 'illness'),
            avg(att_excused_days_1w) filter (cause is null)
        from features left join (
            select * from causes where modality = 'attendance' and feature_group = 'absence'
        ) using (student_id, week_start)
        """
    )

    assert with_cause > 3 * without


def test_causes_name_known_students_groups_and_strengths(district: District) -> None:
    unknown = district.one(
        """
        select count(*) from causes left join student_weeks using (student_id, week_start)
        where student_weeks.student_id is null or strength <= 0
        """
    )
    groups = set(district.all("select distinct modality, feature_group from causes"))

    assert unknown == (0,)
    assert groups <= {(modality, group) for modality, group in episodes.FEATURE_GROUPS.values()}


def test_the_feature_groups_of_the_truth_are_the_42_features(district: District) -> None:
    rows = duckdb.read_csv(str(district.folder / "truth" / "feature_groups.csv")).fetchall()

    assert {(name, modality) for modality, _, name in rows} == {
        (feature.name, feature.modality) for feature in FEATURES
    }


@pytest.mark.parametrize("kind", episodes.KINDS[1:], ids=lambda kind: kind.name)
def test_an_episode_is_over_when_it_says(kind: episodes.Kind) -> None:
    kernel = episodes.kernels()[episodes.KINDS.index(kind)]

    assert np.abs(kernel[: kind.weeks]).max() > 0
    assert np.abs(kernel[kind.weeks :]).max() == 0


def test_progress_is_told_up_to_the_last_student(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    write(tmp_path / "out", truth=False, progress=lambda *step: told.append(step))

    assert told[-1] == ("students", 90, 90)
