"""A new warehouse stands whole or not at all, and the one before can come back."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from edupulse_core import files
from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from tests import bundles

pytestmark = pytest.mark.slow

NAMES = "select given_name from users order by 1"


def renamed(folder: Path, name: str) -> Path:
    files = bundles.small()
    files["users"][0]["givenName"] = name
    return bundles.write(folder / name, files)


def names(settings: Settings) -> list[str]:
    with snapshots.connect(settings) as con:
        return [row[0] for row in con.execute(NAMES).fetchall()]


def files_of(settings: Settings) -> set[str]:
    return {path.name for path in snapshots.folder(settings).iterdir()}


@pytest.fixture
def publish(standing_home: Path) -> Callable[[Settings], str]:
    """Publish the small school once more without importing it, which takes much longer."""
    school = snapshots.current(Settings(home=standing_home)).path

    def publish(settings: Settings) -> str:
        at, number = datetime.now(UTC), snapshots.next_sequence(settings)
        with snapshots.importing(settings) as work:
            shutil.copy(school, work / "school.duckdb")
            version = snapshots.version_of(number, at, "a" * 8)
            return snapshots.publish(settings, work / "school.duckdb", version).version

    return publish


def test_before_the_first_import_there_is_nothing(settings):
    with pytest.raises(MissingError, match="nothing was imported yet"):
        snapshots.current(settings)


def test_a_reader_keeps_its_warehouse_while_a_new_one_is_published(standing, tmp_path):
    with snapshots.connect(standing) as reader:
        ingest(standing, renamed(tmp_path, "Anna"))

        assert reader.execute(NAMES).fetchall()[0] == ("Ana",)

    assert names(standing)[0] == "Anna"


def test_a_warehouse_that_is_gone_is_named(standing, tmp_path):
    snapshots.current(standing).path.unlink()

    with pytest.raises(MissingError, match="is gone"):
        snapshots.current(standing)
    assert ingest(standing, renamed(tmp_path, "Anna")).published


def test_a_warehouse_of_another_version_is_not_mixed_with_this_one(standing, tmp_path):
    path = snapshots.current(standing).path
    with duckdb.connect(str(path)) as con:
        con.execute("alter table users add column shoe_size integer")
    files.seal(path, path)

    with pytest.raises(RefusedError, match=r"differs in users\.shoe_size") as refused:
        ingest(standing, renamed(tmp_path, "Anna"))

    assert f"move {snapshots.folder(standing)} away" in str(refused.value)


def test_a_bundle_is_refused_again_by_a_warehouse_from_before_a_table_was_made(
    standing, standing_home
):
    path = snapshots.current(standing).path
    with duckdb.connect(str(path)) as con:
        con.execute("drop table roles")
    files.seal(path, path)

    with pytest.raises(RefusedError, match=r"differs in roles\."):
        ingest(standing, standing_home.parent / "bundle")


HOLD = """
import duckdb, sys
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_warehouse_that_another_program_writes_to_is_not_called_damaged(standing, tmp_path):
    path, before = snapshots.current(standing).path, files_of(standing)
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"

        for act in (
            lambda: ingest(standing, renamed(tmp_path, "Anna")),
            lambda: snapshots.connect(standing),
        ):
            with pytest.raises(RefusedError, match="another program has") as refused:
                act()
            assert "damaged" not in str(refused.value)

        other.communicate()
    assert files_of(standing) == before
    assert names(standing)[0] == "Ana"


def test_undo_brings_the_warehouse_before_back(standing, tmp_path):
    first = snapshots.current(standing)
    ingest(standing, renamed(tmp_path, "Anna"))

    snapshot = snapshots.undo(standing)

    assert snapshot == first
    assert names(standing)[0] == "Ana"
    with pytest.raises(MissingError, match="no earlier import"):
        snapshots.undo(standing)


def test_what_was_taken_back_is_known_for_good_and_what_aged_is_not_among_it(publish, tmp_path):
    rules = {"keep_snapshots": 1}
    settings = Settings(home=tmp_path / "home", import_day=bundles.IMPORT_DAY, imports=rules)
    assert snapshots.undone(settings) == ()
    first, second = publish(settings), publish(settings)
    taken_back = [second]
    snapshots.undo(settings)
    taken_back.append([publish(settings) for _ in range(3)][-1])
    snapshots.undo(settings)

    assert snapshots.undone(settings) == tuple(taken_back)
    assert first not in json.loads(settings.published.read_text())["previous"]


def test_a_pointer_that_notes_nothing_taken_back_is_read(standing, tmp_path):
    pointer = json.loads(standing.published.read_text())
    standing.published.write_text(json.dumps({k: pointer[k] for k in ("version", "previous")}))

    assert snapshots.undone(standing) == ()
    assert ingest(standing, renamed(tmp_path, "Anna")).published


def test_an_undone_bundle_can_be_imported_again(standing, tmp_path):
    ingest(standing, renamed(tmp_path, "Anna"))
    snapshots.undo(standing)

    ingest(standing, renamed(tmp_path, "Anna"))

    assert names(standing)[0] == "Anna"


def test_undo_before_any_import(settings):
    with pytest.raises(MissingError, match="no earlier import"):
        snapshots.undo(settings)


def test_only_the_last_few_are_kept_and_their_features_with_them(publish, tmp_path):
    rules = {"keep_snapshots": 1}
    settings = Settings(home=tmp_path / "home", import_day=bundles.IMPORT_DAY, imports=rules)
    versions = []
    for _ in range(4):
        versions.append(publish(settings))
        snapshots.current(settings).features_path.touch()
        (snapshots.folder(settings) / f"{versions[-1]}.risk-9{snapshots.PICTURES}").touch()

    kept = {name.split(".")[0] for name in files_of(settings) if ".duckdb" in name}

    assert kept == set(versions[1:])  # two stand; the third goes when the next import begins
    publish(settings)
    assert f"{versions[1]}.features.duckdb" not in files_of(settings)
    assert f"{versions[3]}.features.duckdb" in files_of(settings)
    drawn = {name.split(".")[0] for name in files_of(settings) if snapshots.PICTURES in name}
    assert drawn == {*versions[2:]}


def test_features_that_a_kill_left_half_done_go_after_a_day(standing, tmp_path):
    path = snapshots.current(standing).features_path
    old, young = (path.with_name(f"{path.name}.{name}.unfinished") for name in ("old", "young"))
    spills = [path.with_name(f"{path.name}.spill") for path in (old, young)]
    for spill in spills:
        spill.mkdir()
        (spill / "part").touch()
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    os.utime(spills[0], (0, 0))

    ingest(standing, renamed(tmp_path, "Anna"))

    assert [old.exists(), young.exists()] == [False, True]
    assert [spill.exists() for spill in spills] == [False, True]


def test_a_folder_beside_an_undone_warehouse_goes_with_it(standing, tmp_path):
    undone = Path(f"{snapshots.folder(standing) / 'undone'}.features.duckdb.spill")
    undone.mkdir()
    (undone / "part").touch()

    ingest(standing, renamed(tmp_path, "Anna"))

    assert not undone.exists()


def test_an_undo_is_refused_when_another_import_came_in_between(standing, tmp_path):
    seen = ingest(standing, renamed(tmp_path, "Anna")).published
    ingest(standing, renamed(tmp_path, "Anne"))

    with pytest.raises(RefusedError, match="another import has come in since"):
        snapshots.undo(standing, expected=seen)

    assert names(standing)[0] == "Anne"
    snapshots.undo(standing, expected=snapshots.current(standing).version)
    assert names(standing)[0] == "Anna"


def test_an_undo_waits_for_no_import_and_looks_only_when_none_runs(standing, tmp_path):
    ingest(standing, renamed(tmp_path, "Anna"))

    with snapshots.importing(standing), pytest.raises(RefusedError, match="another import"):
        snapshots.undo(standing)


def test_a_second_import_at_the_same_time_is_refused(standing, tmp_path):
    with snapshots.importing(standing):
        with pytest.raises(RefusedError, match="another import is running"):
            ingest(standing, renamed(tmp_path, "Anna"))


def test_a_connection_reads_the_warehouse_and_cannot_change_it(standing):
    with snapshots.connect(standing) as con:
        con.execute("create temp table chosen as select user_id from users")
        con.execute("create macro twice(x) as 2 * x")
        assert con.execute("select twice(count(*)) from chosen").fetchall() == [(6,)]
        with pytest.raises(duckdb.Error):
            con.execute("delete from warehouse.users")


@pytest.mark.parametrize(
    "statement",
    ["set threads = 8", "set enable_external_access = true", "from read_csv('orgs.csv')"],
)
def test_a_connection_reaches_nothing_outside(standing, statement):
    with snapshots.connect(standing) as con, pytest.raises(duckdb.Error):
        con.execute(statement)


def test_features_are_attached_on_request(standing):
    snapshot = snapshots.current(standing)
    with pytest.raises(MissingError, match="features are not built"):
        snapshots.connect(standing, features=True)
    with duckdb.connect(str(snapshot.features_path)) as con:
        con.execute("create table student_weeks as select 'ana' as student_id")

    with snapshots.connect(standing, features=True) as con:
        found = con.execute(
            "select given_name from student_weeks join users on user_id = student_id"
        )
        assert found.fetchall() == [("Ana",)]


@pytest.mark.parametrize(
    ("at", "call"),
    [
        ("intake.stage", 12),
        ("loading._derive", 1),
        ("snapshots._check", 1),
        ("os.replace", 1),  # before its checksum has its name
        ("os.replace", 2),  # before the snapshot has its name
        ("files._sync", 4),  # after it has
        ("snapshots._point", 1),
        ("os.replace", 3),  # before the pointer names it
    ],
)
def test_killed_at_any_moment_yesterdays_warehouse_opens(
    standing, killed_import, tmp_path, at, call
):
    before = snapshots.current(standing).version
    bundle = renamed(tmp_path, "Anna")

    killed_import(at, call, standing.home, bundle)

    assert (snapshots.current(standing).version, names(standing)[0]) == (before, "Ana")
    published = ingest(standing, bundle).published
    assert names(standing)[0] == "Anna"
    assert files_of(standing) == {
        "current.json",
        "import.lock",
        f"{before}.duckdb",
        f"{before}.duckdb.sum",
        f"{published}.duckdb",
        f"{published}.duckdb.sum",
    }


def test_killed_while_it_writes_a_whole_warehouse_opens(standing, tmp_path):
    bundle = renamed(tmp_path, "Anna")
    command = [sys.executable, "-m", "edupulse_core", "ingest", str(bundle)]
    environment = {**os.environ, "EDUPULSE_HOME": str(standing.home)}

    with subprocess.Popen(command, cwd=REPOSITORY, env=environment) as child:
        while not list(snapshots.folder(standing).glob("unfinished-*/warehouse.duckdb")):
            assert child.poll() is None
            time.sleep(0.01)
        child.kill()

    assert names(standing)[0] in ("Ana", "Anna")  # on a busy machine the kill may come late


def test_the_lock_of_a_dead_import_is_free(standing, tmp_path):
    with open(snapshots.folder(standing) / "import.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(lock, fcntl.LOCK_UN)

    assert ingest(standing, renamed(tmp_path, "Anna")).published
