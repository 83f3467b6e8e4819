"""Every row that an import rejected can be had again, also of an import that was refused."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.warehouse import reading, rejects, snapshots
from edupulse_core.warehouse.ingest import ingest
from edupulse_core.warehouse.loading import by_reason
from tests import bundles
from tests.warehouse.test_snapshots import KILLED

DAY = date(2025, 9, 15)


def spoiled(folder: Path, *unknown: str) -> Path:
    """The small school with an absence of each student who is not there."""
    files = bundles.small()
    files["attendance"] += [bundles.absence(name, DAY) for name in unknown]
    return bundles.write(folder, files)


def students(settings: Settings, import_id: str | None = None) -> list[str]:
    """Whose absences an import rejected, from the lines as they were read."""
    with rejects.rows(settings, import_id) as file:
        return [raw.split(",")[1] for raw in file.read()["raw"].to_pylist()]


def test_the_rows_of_every_import_are_kept(lenient, tmp_path):
    first = ingest(lenient, spoiled(tmp_path / "a", "zoe")).published
    second = ingest(lenient, spoiled(tmp_path / "b", "yan", "xia")).published

    assert students(lenient, first) == ["zoe"]
    assert students(lenient, second) == students(lenient) == ["yan", "xia"]
    assert [(one.import_id, one.bundle, one.n_rows) for one in rejects.imports(lenient)] == [
        (second, "b", 2),
        (first, "a", 1),
    ]


def test_a_row_is_kept_with_where_it_stood_and_what_was_wrong(lenient, tmp_path):
    folder = spoiled(tmp_path / "b", "zoe")
    with open(folder / "attendance.csv", "a") as out:
        out.write('"x\n",ana\n')

    ingest(lenient, folder)

    with rejects.rows(lenient) as file:
        assert file.read().to_pylist() == [
            {
                "file": "attendance",
                "row_number": 4,
                "column_name": "studentSourcedId",
                "reason": "unknown student",
                "raw": "zoe-2025-09-15,zoe,2025-09-15,absent,,,",
            },
            {
                "file": "attendance",
                "row_number": 5,
                "column_name": None,
                "reason": "wrong number of fields",
                "raw": '"x\n",ana',
            },
        ]


@pytest.mark.parametrize("batch", [1, 2, 3, 4])
def test_rows_are_kept_however_many_are_held_at_once(lenient, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(reading, "_BATCH", batch)
    folder = spoiled(tmp_path / "b", "zoe", "yan", "xia", "wim")

    ingest(lenient, folder)

    assert students(lenient) == ["zoe", "yan", "xia", "wim"]


def test_the_rows_of_a_refused_import_are_kept_and_it_says_how_to_have_them(standing, tmp_path):
    with pytest.raises(RefusedError, match="edupulse rejects --out FILE") as refused:
        ingest(standing, spoiled(tmp_path / "b", "zoe"))

    (kept,) = rejects.imports(standing)
    assert (kept.outcome, kept.bundle, kept.n_rows) == ("refused", "b", 1)
    assert str(refused.value).startswith(kept.refusal)
    assert students(standing) == ["zoe"]


def test_the_rows_of_a_refused_first_import_are_kept(settings, tmp_path):
    with pytest.raises(RefusedError):
        ingest(settings, spoiled(tmp_path / "b", "zoe"))

    assert students(settings) == ["zoe"]


def test_a_file_that_was_imported_before_the_refusing_one_keeps_its_rows_too(settings, tmp_path):
    files = bundles.small()
    files["calendar"].append({"orgSourcedId": "x", "date": DAY, "isInstructional": "true"})
    files["attendance"].append(bundles.absence("zoe", DAY))

    with pytest.raises(RefusedError, match=r"attendance\.csv"):
        ingest(settings, bundles.write(tmp_path / "b", files))

    with rejects.rows(settings) as file:
        assert file.read()["file"].to_pylist() == ["attendance", "calendar"]


def test_a_dry_run_and_an_import_without_rejects_keep_nothing(lenient, settings, tmp_path):
    ingest(lenient, spoiled(tmp_path / "b", "zoe"), dry_run=True)
    with pytest.raises(RefusedError, match=r"unknown student\)$"):
        ingest(settings, spoiled(tmp_path / "c", "zoe"), dry_run=True)
    ingest(lenient, spoiled(tmp_path / "d"))

    assert rejects.imports(lenient) == []
    with pytest.raises(MissingError, match="of any import"):
        rejects.rows(lenient)


def test_an_import_that_was_taken_back_keeps_its_rows_and_does_not_stand(lenient, tmp_path):
    ingest(lenient, spoiled(tmp_path / "a", "zoe"))
    undone = ingest(lenient, spoiled(tmp_path / "b", "yan")).published

    snapshots.undo(lenient)

    assert [one.outcome for one in rejects.imports(lenient)] == ["does not stand", "imported"]
    assert students(lenient, undone) == ["yan"]


def test_only_the_latest_are_kept(tmp_path):
    rules = {"keep_rejects": 2, "max_reject_rate": 1.0}
    settings = Settings(home=tmp_path / "home", import_day=bundles.IMPORT_DAY, imports=rules)

    for name in ("zoe", "yan", "xia"):
        ingest(settings, spoiled(tmp_path / name, name))

    assert [one.bundle for one in rejects.imports(settings)] == ["xia", "yan"]


@pytest.mark.parametrize("name", ["nothing", "../current", ""])
def test_the_rows_of_an_unknown_import_are_missing(lenient, tmp_path, name):
    ingest(lenient, spoiled(tmp_path / "a", "zoe"))

    with pytest.raises(MissingError, match="`edupulse rejects` lists the imports"):
        rejects.rows(lenient, name)


@pytest.mark.parametrize(
    ("at", "call", "kept"),
    [
        ("rejects.write", 1, 0),
        ("rejects.keep", 1, 0),
        ("os.replace", 1, 0),  # before the rows have their name
        ("snapshots.publish", 1, 1),
        ("os.replace", 3, 1),  # before the pointer names the warehouse
    ],
)
def test_killed_at_any_moment_the_rows_are_whole_or_not_there(standing, tmp_path, at, call, kept):
    files = bundles.small()
    files["calendar"].append({"orgSourcedId": "x", "date": DAY, "isInstructional": "true"})
    bundle = bundles.write(tmp_path / "b", files)
    before = snapshots.current(standing)

    done = subprocess.run(
        [sys.executable, "-c", KILLED, at, str(standing.home), str(bundle)],
        cwd=REPOSITORY,
        env={**os.environ, "KILL_AT_CALL": str(call)},
    )

    assert done.returncode == -signal.SIGKILL
    assert snapshots.current(standing) == before
    assert [one.outcome for one in rejects.imports(standing)] == ["does not stand"] * kept
    assert ingest(standing, bundle).published == rejects.imports(standing)[0].import_id
    with rejects.rows(standing) as file:
        assert file.read()["file"].to_pylist() == ["calendar"]


def test_values_that_were_found_are_counted_by_name_up_to_a_limit():
    reasons = Counter({"empty": 9, "unknown x, found 'a'": 5, "unknown x, found 'b'": 3})
    reasons |= Counter({f"unknown x, found '{n}'": 1 for n in range(4)})

    assert by_reason(reasons, 2) == {
        "empty": 9,
        "unknown x, found 'a'": 5,
        "unknown x, found other values": 4,
        "unknown x, found 'b'": 3,
    }


def test_a_refusal_quotes_what_was_found_and_lists_what_may_be(settings, tmp_path):
    files = bundles.small()
    files["attendance"] = [
        bundles.absence("ana", DAY, sourcedId=f"a{n}", status=status)
        for n, status in enumerate(["A", "A", "A", "T", "T", "X", "x" * 50])
    ]

    with pytest.raises(RefusedError) as refused:
        ingest(settings, bundles.write(tmp_path / "b", files))

    allowed = "unknown status: must be one of absent, partial, tardy, present"
    assert (
        f"(3 {allowed}, found 'A', 2 {allowed}, found 'T', 2 {allowed}, found other values)"
    ) in str(refused.value)
    with rejects.rows(settings) as file:
        assert file.read()["reason"].to_pylist()[-1] == f"{allowed}, found '{'x' * 40}…'"
