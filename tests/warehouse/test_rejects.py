"""Every row that an import rejected can be had again, also of an import that was refused."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pyarrow import parquet

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.warehouse import reading, rejects, snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

pytestmark = pytest.mark.slow

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


def test_the_rows_of_every_import_are_kept(lenient, importing, tmp_path):
    first = importing(lenient, spoiled(tmp_path / "a", "zoe")).published
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
                "sourced_id": "zoe-2025-09-15",
                "column_name": "studentSourcedId",
                "reason": "unknown student",
                "found": "zoe",
                "raw": "zoe-2025-09-15,zoe,2025-09-15,absent,,,",
            },
            {
                "file": "attendance",
                "row_number": 5,
                "sourced_id": None,
                "column_name": None,
                "reason": "wrong number of fields",
                "found": None,
                "raw": '"x\n",ana',
            },
        ]


@pytest.mark.parametrize("batch", [1, 3])
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
    with pytest.raises(
        RefusedError, match=r"unknown student\); nothing was imported; for example row 4 "
    ):
        ingest(settings, spoiled(tmp_path / "c", "zoe"), dry_run=True)
    ingest(lenient, spoiled(tmp_path / "d"))

    assert rejects.imports(lenient) == []
    with pytest.raises(MissingError, match="of any import"):
        rejects.rows(lenient)


def test_an_import_that_was_taken_back_keeps_its_rows_and_does_not_stand(
    lenient, importing, tmp_path
):
    importing(lenient, spoiled(tmp_path / "a", "zoe"))
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


def test_rows_of_an_import_go_at_an_age(lenient, importing, tmp_path):
    importing(lenient, spoiled(tmp_path / "a", "zoe"))
    last = ingest(lenient, spoiled(tmp_path / "b", "yan")).published
    for path in sorted(snapshots.folder(lenient).glob("rejects/*")):
        days = 89 if last in path.name else 91
        then = snapshots.version_of(
            9 - days // 30, datetime.now(UTC) - timedelta(days=days), "f" * 8
        )
        path.rename(path.with_name(f"{then}.parquet"))

    again = ingest(lenient, tmp_path / "b")

    assert again.published == last
    assert [one.bundle for one in rejects.imports(lenient)] == ["b"]


def test_an_import_that_cannot_be_published_costs_no_earlier_ones_rows(tmp_path, monkeypatch):
    rules = {"keep_rejects": 1, "max_reject_rate": 1.0}
    settings = Settings(home=tmp_path / "home", import_day=bundles.IMPORT_DAY, imports=rules)
    first = ingest(settings, spoiled(tmp_path / "a", "zoe")).published
    monkeypatch.setattr(snapshots, "publish", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        ingest(settings, spoiled(tmp_path / "b", "yan"))

    assert students(settings, first) == ["zoe"]


def test_rows_that_an_import_removes_while_they_are_read_are_not_there(
    lenient, importing, tmp_path, monkeypatch
):
    importing(lenient, spoiled(tmp_path / "a", "zoe"))
    kept = rejects._files(lenient)
    gone = kept[0].with_name(f"{snapshots.version_of(2, datetime.now(UTC), 'f' * 8)}.parquet")
    monkeypatch.setattr(rejects, "_files", lambda _: [gone, *kept])

    assert [one.bundle for one in rejects.imports(lenient)] == ["a"]
    assert students(lenient) == ["zoe"]
    with pytest.raises(MissingError, match="`edupulse rejects` lists the imports"):
        rejects.rows(lenient, gone.stem)


def test_rows_that_are_gone_already_keep_no_others_from_being_removed(
    lenient, importing, tmp_path, monkeypatch
):
    importing(lenient, spoiled(tmp_path / "a", "zoe"))
    (kept,) = rejects._files(lenient)
    gone, old = (
        kept.with_name(f"{snapshots.version_of(day, datetime(2020, 1, day), 'f')}.parquet")
        for day in (2, 1)
    )
    kept.rename(old)
    monkeypatch.setattr(rejects, "_files", lambda _: [gone, old])

    rejects.prune(lenient)

    assert not old.exists()


def test_rows_that_an_older_version_kept_are_read_without_their_sourced_ids(
    lenient, importing, tmp_path
):
    import_id = importing(lenient, spoiled(tmp_path / "a", "zoe")).published
    (kept,) = rejects._files(lenient)
    parquet.write_table(parquet.read_table(kept).drop_columns(["sourced_id"]), kept)

    (row,) = rejects.read(lenient, import_id).to_pylist()

    assert (row["found"], row["sourced_id"]) == ("zoe", None)


@pytest.mark.parametrize("name", ["nothing", "../current", ""])
def test_the_rows_of_an_unknown_import_are_missing(lenient, importing, tmp_path, name):
    importing(lenient, spoiled(tmp_path / "a", "zoe"))

    with pytest.raises(MissingError, match="`edupulse rejects` lists the imports"):
        rejects.rows(lenient, name)


@pytest.mark.parametrize(
    ("at", "call", "kept"),
    [
        ("rejects.write", 1, 0),
        ("rejects.keep", 1, 0),
        ("os.replace", 1, 0),  # before the rows have their name
        ("snapshots.publish", 1, 1),
        ("os.replace", 4, 1),  # before the pointer names the warehouse
    ],
)
def test_killed_at_any_moment_the_rows_are_whole_or_not_there(
    standing, killed_import, tmp_path, at, call, kept
):
    files = bundles.small()
    files["calendar"].append({"orgSourcedId": "x", "date": DAY, "isInstructional": "true"})
    bundle = bundles.write(tmp_path / "b", files)
    before = snapshots.current(standing)

    killed_import(at, call, standing.home, bundle)

    assert snapshots.current(standing) == before
    assert [one.outcome for one in rejects.imports(standing)] == ["does not stand"] * kept
    assert ingest(standing, bundle).published == rejects.imports(standing)[0].import_id
    with rejects.rows(standing) as file:
        assert file.read()["file"].to_pylist() == ["calendar"]


def test_no_value_of_a_file_is_in_the_summary_or_the_refusal(settings, lenient, tmp_path):
    files = bundles.small()
    files["attendance"] = [
        bundles.absence("ana", DAY, sourcedId=f"a{n}", status=status)
        for n, status in enumerate(["Ana Moe", "T", "T", "x" * 50, ""])
    ]
    folder = bundles.write(tmp_path / "b", files)
    reason = "attendance.status: unknown status: must be one of absent, partial, tardy, present"

    with pytest.raises(RefusedError) as refused:
        ingest(settings, folder)
    imported, again = ingest(lenient, folder), ingest(lenient, folder)

    assert f"(5 {reason}); nothing was imported; " in str(refused.value)
    assert imported.rejects == again.rejects == {reason: 5}
    assert [one.refusal.count("Moe") for one in rejects.imports(settings)] == [0, 0]


def test_a_rejected_row_says_what_may_be_there_and_what_was_found(lenient, tmp_path):
    files = bundles.small()
    values = ["A|'B'|", "x" * 150, ""]
    files["attendance"] = [
        bundles.absence("ana", DAY, sourcedId=f"a{n}", status=status)
        for n, status in enumerate(values)
    ]
    files["attendance"].append(bundles.absence("zoe", DAY))

    ingest(lenient, bundles.write(tmp_path / "b", files))

    with rejects.rows(lenient) as file:
        told = file.read()
    allowed = "unknown status: must be one of absent, partial, tardy, present"
    assert told["reason"].to_pylist() == [*[allowed] * 3, "unknown student"]
    assert told["found"].to_pylist() == ["A|'B'|", f"{'x' * 100}…", "", "zoe"]
