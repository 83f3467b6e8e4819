"""Acts and their lines: written before, ended after, and settled where the process died."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from edupulse_core import files
from edupulse_core.actions.versions import activate_version
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import ConfigError, RefusedError
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import database, intents
from edupulse_core.store.database import open_store
from edupulse_core.store.tables import activations
from tests.stored import newest_first

KILLED = """
import os, sys
from edupulse_core import files
from edupulse_core.config import load_settings
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR

settings = load_settings(home=sys.argv[1])
with trail.act(settings, OPERATOR, trail.IMPORT, "bundle.zip", pointer=settings.published) as act:
    with act.publishing("new"):
        if sys.argv[2] != "before":
            files.write(settings.published, f'{{"version": "{sys.argv[2]}"}}')
        os._exit(9)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings(home=tmp_path)
    files.write(made.published, '{"version": "old"}')
    return made


def lines(settings: Settings) -> list[tuple[str, str | None, dict[str, Any]]]:
    return [(line.action, line.subject, line.details) for line in trail.entries(settings)]


def test_an_act_gets_its_line_when_it_has_ended(settings: Settings) -> None:
    with trail.act(settings, OPERATOR, trail.EXPORT, "scores") as act:
        assert [one.action for one in intents.unended(open_store(settings))] == ["export"]
        assert not lines(settings)
        act.details["rows"] = 3

    assert lines(settings) == [("export", "scores", {"rows": 3})]
    assert not intents.unended(open_store(settings))


def test_an_act_that_fails_gets_a_line_that_says_why(settings: Settings) -> None:
    with (
        pytest.raises(RefusedError),
        trail.act(settings, OPERATOR, trail.UNDO_IMPORT, "old", pointer=settings.published),
    ):
        raise RefusedError("not now")

    assert lines(settings) == [("failed_undo_import", "old", {"reason": "not now"})]


def test_a_failure_after_the_act_took_effect_is_told_as_done(settings: Settings) -> None:
    with (
        pytest.raises(KeyError),
        trail.act(settings, OPERATOR, trail.IMPORT, "b.zip", pointer=settings.published) as act,
    ):
        with act.publishing("new"):
            files.write(settings.published, '{"version": "new"}')
        files.write(settings.published, '{"version": "another came after"}')
        raise KeyError("STU1")

    assert lines(settings) == [("import", "b.zip", {"now": "new", "reason": "KeyError"})]


@pytest.mark.parametrize("is_near", [True, False])
def test_a_failed_act_is_not_told_as_done_for_what_another_published(
    settings: Settings, is_near: bool
) -> None:
    with (
        pytest.raises(KeyError),
        trail.act(settings, OPERATOR, trail.IMPORT, "b.zip", pointer=settings.published) as act,
        act.publishing("mine") if is_near else nullcontext(),
    ):
        files.write(settings.published, '{"version": "another"}')
        raise KeyError("STU1")

    assert lines(settings) == [("failed_import", "b.zip", {"reason": "KeyError"})]


@pytest.mark.parametrize(("age", "told"), [(0, []), (2, ["unfinished_import"])])
def test_an_act_of_another_machine_is_left_alone_for_a_day(
    settings: Settings, age: int, told: list[str]
) -> None:
    began = datetime.now(UTC) - timedelta(days=age)
    intents.begin(
        open_store(settings),
        intents.Intent("x", "ana", "steward", "import", ["b.zip"], place="far away", at=began),
    )

    trail.settle(settings)

    assert [action for action, _, _ in lines(settings)] == told


def test_an_act_that_runs_in_another_home_with_the_same_store_is_left_alone(tmp_path: Path) -> None:
    one, other = (
        load_settings(home=tmp_path / name, database_url=f"sqlite:///{tmp_path / 'shared.db'}")
        for name in ("one", "other")
    )

    with trail.act(one, OPERATOR, trail.SCORE, "risk"):
        trail.settle(other)
        assert not lines(one)

    assert lines(other) == [("score", "risk", {})]


def test_an_act_that_was_taken_for_dead_still_gets_its_own_line(settings: Settings) -> None:
    with trail.act(settings, OPERATOR, trail.EXPORT, "scores"):
        (running,) = intents.unended(open_store(settings))
        intents.end(
            open_store(settings), running, action="unfinished", subjects=["scores"], details={}
        )

    assert [action for action, _, _ in lines(settings)] == ["export", "unfinished"]


@pytest.mark.parametrize(
    ("when", "line"),
    [
        ("before", ("failed_import", "bundle.zip", {"reason": trail.STOPPED})),
        ("new", ("import", "bundle.zip", {"now": "new", "reason": trail.STOPPED})),
        ("another's", ("failed_import", "bundle.zip", {"reason": trail.STOPPED})),
    ],
)
def test_an_import_that_was_killed_gets_its_line_at_the_next_start(
    settings: Settings, when: str, line: tuple[str, str, dict[str, Any]]
) -> None:
    killed = [sys.executable, "-c", KILLED, str(settings.home), when]

    assert subprocess.run(killed, check=False).returncode == 9

    assert lines(settings) == [line]


def test_an_act_that_still_runs_is_left_alone(settings: Settings) -> None:
    with trail.act(settings, OPERATOR, trail.SCORE, "risk"):
        trail.settle(settings)
        assert not lines(settings)

    assert lines(settings) == [("score", "risk", {})]


def test_an_act_of_several_subjects_gets_a_line_for_each(settings: Settings) -> None:
    with trail.act(settings, OPERATOR, trail.ASK, "ana", "ben"):
        pass

    assert sorted(subject or "" for _, subject, _ in lines(settings)) == ["ana", "ben"]


def test_a_score_that_was_killed_is_told_as_unfinished(settings: Settings) -> None:
    intents.begin(open_store(settings), intents.Intent("x", "operator", "operator", "score", ["r"]))

    trail.settle(settings)

    assert lines(settings) == [("unfinished_score", "r", {"reason": trail.STOPPED})]


def lock(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    """Another program that holds the store and doesn't let go."""
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 50)
    open_store(settings)
    holding = sqlite3.connect(settings.data / "store.db", isolation_level=None)
    holding.execute("begin immediate")
    return holding


def fill_up(settings: Settings, others: ExitStack) -> None:
    """Let the store's file grow no further, as on a full disk.  others: acts that still run."""
    store = open_store(settings)

    def stop(connection: Any, record: Any) -> None:
        connection.execute("pragma max_page_count = 1")  # SQLite takes the present size

    event.listen(store.engine, "connect", stop)
    store.engine.dispose()
    for letters in (2000, 200, 20, 1):
        with pytest.raises(ConfigError, match="full"):
            while True:
                row = intents.Intent(uuid4().hex, "a", "r", "fill", ["x" * letters])
                others.enter_context(files.alone(settings.data / f"acts/{row.intent_id}.lock", ""))
                intents.begin(store, row)


def test_a_version_does_not_serve_where_the_store_is_locked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding = lock(settings, monkeypatch)
    shipped = registry.active_version(settings, "risk").name

    with pytest.raises(ConfigError, match=r"cannot be written: database is locked"):
        activate_version(OPERATOR, settings, "risk", shipped)

    assert not registry.alias_path(settings, "risk").exists()
    holding.close()


def test_a_version_does_not_serve_where_the_disk_is_full(settings: Settings) -> None:
    (settings.data / "acts").mkdir()
    shipped = registry.active_version(settings, "risk").name

    with ExitStack() as others:
        fill_up(settings, others)
        with pytest.raises(ConfigError, match=r"cannot be written: database or disk is full"):
            activate_version(OPERATOR, settings, "risk", shipped)

    assert not registry.alias_path(settings, "risk").exists()


def test_a_version_whose_activation_cannot_be_kept_stops_serving(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = registry.active_version(settings, "risk").name
    alias = files.write(registry.alias_path(settings, "risk"), '{"version": "earlier"}')

    def refuse(*_: Any, **__: Any) -> None:
        raise ConfigError("full")

    monkeypatch.setattr(registry, "note_activation", refuse)

    with pytest.raises(ConfigError):
        activate_version(OPERATOR, settings, "risk", shipped)

    assert "earlier" in alias.read_text()
    assert not newest_first(open_store(settings), activations)
    assert lines(settings)[0][0] == "failed_activate"


def test_an_act_whose_line_cannot_be_written_says_that_it_was_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ConfigError("full")

    with (
        monkeypatch.context() as full,
        pytest.raises(ConfigError, match="full; it was done"),
        trail.act(settings, OPERATOR, trail.IMPORT, "b.zip", pointer=settings.published) as act,
        act.publishing("new"),
    ):
        files.write(settings.published, '{"version": "new"}')
        full.setattr(intents, "end", refuse)

    trail.settle(settings)
    assert lines(settings) == [("import", "b.zip", {"now": "new", "reason": trail.STOPPED})]


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_store_that_was_taken_away_while_it_was_open_takes_no_line(
    settings: Settings, how: str
) -> None:
    trail.note(settings, OPERATOR, "first")
    path = settings.data / "store.db"
    copy = shutil.copy(path, settings.home / "copy.db")
    path.unlink()
    if how == "replaced":
        shutil.copy(copy, settings.data / "new.db")
        (settings.data / "new.db").rename(path)

    with pytest.raises(ConfigError, match="was deleted or replaced"):
        trail.note(settings, OPERATOR, "second")

    assert path.exists() is (how == "replaced")


def test_what_a_database_would_not_take_is_cut_to_fit(settings: Settings) -> None:
    trail.note(settings, OPERATOR, "look", "a\0b" + "x" * 300)

    assert lines(settings)[0][1] == "ab" + "x" * 253
