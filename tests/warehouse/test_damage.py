"""A flipped bit, wherever it is: features are built again, a warehouse is named with its remedy."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from edupulse_core import files
from edupulse_core.actions.features import mend
from edupulse_core.config import Settings
from edupulse_core.errors import InputError
from edupulse_core.features import build
from edupulse_core.warehouse import snapshots
from tests.queries.conftest import build_home, publish

NEXT = "20261117T060000000000-next"
PLACES = 50


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = build_home(tmp_path_factory.mktemp("damage"))
    publish(settings, NEXT)
    snapshot = snapshots.current(settings)
    snapshot.features_path.unlink()
    build.ensure(settings, snapshot)
    return settings


def flips(path: Path) -> Iterator[int]:
    """Flip a bit of a file at one place after another, and put each back when it was looked at."""
    whole = path.read_bytes()
    chosen = random.Random(7)
    places = [0, 8, len(whole) - 1, *chosen.sample(range(len(whole)), PLACES - 3)]
    for at in places:
        changed = bytearray(whole)
        changed[at] ^= 1 << chosen.randrange(8)
        path.write_bytes(changed)
        yield at
    path.write_bytes(whole)


def told(settings: Settings) -> str:
    """What the features say, in one text."""
    with snapshots.connect(settings, features=True) as con:
        found = con.execute("select * from features.features order by all").fetchall()
    return str(found)


def test_a_damaged_warehouse_is_named_with_its_remedy_wherever_the_bit_is(home: Settings) -> None:
    path = snapshots.current(home).path

    for _ in flips(path):
        with pytest.raises(InputError, match=f"{re.escape(str(path))} is damaged: .*undo"):
            snapshots.connect(home)

    snapshots.connect(home).close()


def test_features_are_not_read_wherever_a_bit_is_flipped(home: Settings) -> None:
    path = snapshots.current(home).features_path

    for _ in flips(path):
        assert not files.is_whole(path)

    assert files.is_whole(path)


@pytest.mark.parametrize("part", [0.0, 0.4, 0.999])
def test_damaged_features_are_built_again_with_the_same_values(home: Settings, part: float) -> None:
    path, before = snapshots.current(home).features_path, told(home)
    damaged = bytearray(path.read_bytes())
    damaged[int(part * len(damaged))] ^= 16
    path.write_bytes(damaged)

    build.ensure(home, snapshots.current(home))

    assert told(home) == before


def test_features_found_damaged_while_they_are_read_are_thrown_away(home: Settings) -> None:
    snapshot = snapshots.current(home)
    assert not mend(home)
    snapshot.features_path.write_bytes(snapshot.features_path.read_bytes()[:-1])

    assert mend(home)

    assert not snapshot.features_path.exists()
    build.ensure(home, snapshot)


def test_without_an_import_before_everything_is_imported_again(tmp_path: Path) -> None:
    settings = build_home(tmp_path)
    snapshot = snapshots.current(settings)
    snapshot.path.write_bytes(snapshot.path.read_bytes()[:-1])

    with pytest.raises(InputError, match="is damaged: move .* away, import everything again"):
        snapshots.connect(settings)


def test_a_warehouse_that_was_never_sealed_opens(tmp_path: Path) -> None:
    settings = build_home(tmp_path)
    path = snapshots.current(settings).path
    path.with_name(f"{path.name}.sum").unlink()

    with snapshots.connect(settings) as con:
        assert con.execute("select count(*) from imports").fetchall() == [(1,)]


def test_features_that_are_no_database_are_named_where_nothing_builds_them(
    tmp_path: Path,
) -> None:
    settings = build_home(tmp_path)
    snapshots.current(settings).features_path.write_bytes(b"not a database")

    with pytest.raises(InputError, match="is damaged: run `edupulse features`"):
        snapshots.connect(settings, features=True)


def test_what_duckdb_finds_by_itself_is_an_error_of_its_own(tmp_path: Path) -> None:
    """Whoever catches these can rely on their kind."""
    path = tmp_path / "x.duckdb"
    path.write_bytes(b"x" * 20_000)

    with pytest.raises(duckdb.Error):
        duckdb.connect(str(path))
