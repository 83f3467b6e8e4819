"""Over five percent of rejected rows in one file refuse the whole import."""

from datetime import date

import pytest

from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

DAY = date(2025, 9, 15)


def absences(n_good: int, n_bad: int, n_deleted: int = 0) -> bundles.Files:
    files = bundles.small()
    good = [bundles.absence("ana", DAY, sourcedId=f"g{n}") for n in range(n_good)]
    bad = [bundles.absence("zoe", DAY, sourcedId=f"b{n}") for n in range(n_bad)]
    gone = [bundles.absence("ana", DAY, status="tobedeleted") for n in range(n_deleted)]
    files["attendance"] = good + bad + gone
    return files


@pytest.mark.parametrize(("n_good", "n_bad"), [(95, 5), (19, 1), (100, 5), (20, 0)])
def test_five_percent_of_rejected_rows_pass(settings, tmp_path, n_good, n_bad):
    folder = bundles.write(tmp_path / "b", absences(n_good, n_bad))

    summary = ingest(settings, folder, dry_run=True)

    assert summary.files["attendance"]["rejected"] == n_bad


@pytest.mark.parametrize(("n_good", "n_bad"), [(94, 5), (18, 1), (94, 6)])
def test_more_than_five_percent_refuse_the_import(refuse, tmp_path, n_good, n_bad):
    folder = bundles.write(tmp_path / "b", absences(n_good, n_bad))

    found = refuse(folder, RefusedError)

    assert found.startswith(f"attendance.csv: {n_bad} of {n_good + n_bad} rows rejected")
    assert f"{n_bad} attendance.studentSourcedId: unknown student" in found


def test_rows_to_be_deleted_count_neither_as_rejected_nor_as_read(settings, refuse, tmp_path):
    passing = bundles.write(tmp_path / "pass", absences(19, 1, n_deleted=50))
    failing = bundles.write(tmp_path / "fail", absences(18, 1, n_deleted=50))

    summary = ingest(settings, passing, dry_run=True)

    assert summary.rejects == {
        "attendance.status: tobedeleted": 50,
        "attendance.studentSourcedId: unknown student": 1,
    }
    assert "attendance.csv: 1 of 19 rows rejected" in refuse(failing, RefusedError)


def test_the_limit_is_a_setting(tmp_path):
    rules = {"max_reject_rate": 0.5}
    settings = Settings(home=tmp_path / "h", import_day=bundles.IMPORT_DAY, imports=rules)

    summary = ingest(settings, bundles.write(tmp_path / "b", absences(5, 5)), dry_run=True)

    assert summary.files["attendance"] == {"read": 10, "imported": 5, "rejected": 5}
