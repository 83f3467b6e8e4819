"""Versions: found, checked, switched, and every switch remembered."""

import hashlib
import json
from pathlib import Path

import pytest

from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import MissingError, ModelError
from edupulse_core.families import version as whole
from edupulse_core.lifecycle import registry
from edupulse_core.lifecycle.registry import Switch
from edupulse_core.store import jobs
from edupulse_core.store.database import open_store
from edupulse_core.store.jobs import PENDING, RUNNING, Job
from edupulse_core.store.tables import activations
from tests.stored import newest_first


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the repository would keep its versions; empty."""
    folder = tmp_path / "shipped"
    monkeypatch.setattr(registry, "SHIPPED_MODELS", folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path, shipped: Path) -> Settings:
    return load_settings(home=tmp_path / "home")


def save_version(root: Path, version: str, auc: float = 0.8, trained: str = "") -> Path:
    folder = root / "risk" / version
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_text(f"weights of {version}")
    (folder / "metrics.json").write_text(json.dumps({"auc": auc}))
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    about = {"version": version, "created_at": trained, "files": files}
    (folder / "manifest.json").write_text(json.dumps(about))
    return folder


def choose(root: Path, version: str) -> None:
    (root / "risk" / "active.json").write_text(json.dumps({"version": version}))


def test_a_home_without_versions_uses_the_shipped_one(settings, shipped) -> None:
    folder = save_version(shipped, "v1")
    choose(shipped, "v1")

    assert registry.active_version(settings, "risk") == folder
    assert registry.versions(settings, "risk") == [folder]


def test_an_activated_version_of_the_home_serves(settings, shipped) -> None:
    save_version(shipped, "v1")
    choose(shipped, "v1")
    own = save_version(settings.home / "models", "v2")

    registry.activate(settings, "risk", "v2", Switch("operator"))

    assert registry.active_version(settings, "risk") == own
    assert [folder.name for folder in registry.versions(settings, "risk")] == ["v1", "v2"]


def test_a_trained_version_serves_only_once_it_is_activated(settings, shipped) -> None:
    folder = save_version(shipped, "v1")
    choose(shipped, "v1")
    save_version(settings.home / "models", "v2")

    assert registry.active_version(settings, "risk") == folder


def test_without_any_choice_the_first_trained_serves_until_another_is_activated(settings) -> None:
    save_version(settings.home / "models", "autumn", trained="2026-11-16T01:00:00+00:00")
    first = save_version(settings.home / "models", "summer", trained="2026-08-01T01:00:00+00:00")

    assert registry.active_version(settings, "risk") == first


def test_a_trained_version_never_takes_the_place_of_a_shipped_one_by_its_name(
    settings, shipped
) -> None:
    folder = save_version(shipped, "risk-4")
    save_version(settings.home / "models", "zebra")

    assert registry.active_version(settings, "risk") == folder


def test_a_home_can_go_back_to_the_shipped_version(settings, shipped) -> None:
    folder = save_version(shipped, "v1")
    save_version(settings.home / "models", "v2")
    registry.activate(settings, "risk", "v2", Switch("operator"))

    registry.activate(settings, "risk", "v1", Switch("operator"))

    assert registry.active_version(settings, "risk") == folder


def test_the_setting_goes_before_every_choice(settings, shipped) -> None:
    save_version(shipped, "v1")
    chosen = save_version(shipped, "v2")
    choose(shipped, "v1")
    other = load_settings(home=settings.home, model_version="v2")

    assert registry.active_version(other, "risk") == chosen


def test_a_choice_under_a_pinned_version_is_kept_and_serves_once_the_pin_is_gone(
    settings, shipped
) -> None:
    save_version(shipped, "v1")
    chosen = save_version(shipped, "v2")
    pinned = load_settings(home=settings.home, model_version="v1")

    registry.activate(pinned, "risk", "v2", Switch("operator"))

    assert registry.chosen_version(pinned, "risk").name == "v1"
    assert registry.active_version(settings, "risk") == chosen


def test_the_pin_is_of_the_first_family_alone(settings, shipped) -> None:
    pinned = load_settings(home=settings.home, model_version="v1")
    save_version(shipped, "v1")

    with pytest.raises(MissingError, match="edupulse train path"):
        registry.active_version(pinned, "path")


def test_a_switch_is_remembered_with_who_made_it(settings, shipped) -> None:
    save_version(shipped, "v1")
    save_version(shipped, "v2")

    first = registry.activate(settings, "risk", "v1", Switch("stan@district.example"))
    second = registry.activate(settings, "risk", "v2", Switch("operator"))

    history = newest_first(open_store(settings), activations)
    assert [(each.version, each.previous, each.actor) for each in history] == [
        ("v2", "v1", "operator"),
        ("v1", "v2", "stan@district.example"),
    ]
    assert (first, second) == ("v2", "v1")


def test_a_switch_whose_row_was_not_written_is_in_the_history_and_gets_its_row(
    settings, shipped, monkeypatch
) -> None:
    save_version(shipped, "v1")
    save_version(shipped, "v2")
    registry.activate(settings, "risk", "v1", Switch("stan@district.example", "better"))
    store = open_store(settings)
    with store.writing() as connection:  # as after a kill between the two
        connection.exec_driver_sql("drop trigger activations_no_delete")
        connection.exec_driver_sql("delete from activations")

    (told,) = registry.history(settings, "risk")
    assert newest_first(store, activations) == []
    registry.settle(settings, "risk")
    registry.settle(settings, "risk")

    (noted,) = newest_first(store, activations)
    assert (noted.at, noted.version, noted.reason) == (told.at, "v1", "better")
    assert registry.history(settings, "risk") == [told]


def test_a_damaged_choice_of_the_home_is_replaced_by_the_next(settings, shipped) -> None:
    folder = save_version(shipped, "v1")
    registry.alias_path(settings, "risk").parent.mkdir(parents=True)
    registry.alias_path(settings, "risk").write_text("{")

    registry.activate(settings, "risk", "v1", Switch("operator"))

    assert registry.active_version(settings, "risk") == folder


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ("", None),
        ("a", "s"),
        ("ab", "a"),
        ("abca", "c"),
        ("abcb", "a"),
        ("abcba", "s"),
        ("aab", "a"),
    ],
)
def test_the_version_before_is_the_one_that_served_before_and_was_not_left(
    settings, shipped, switches: str, expected: str | None
) -> None:
    for name in "abcs":
        save_version(shipped, name)
    choose(shipped, "s")
    for name in switches:
        registry.activate(settings, "risk", name, Switch("operator"))

    assert registry.before(settings, "risk") == expected


def test_a_version_that_is_damaged_since_is_passed_over(settings, shipped) -> None:
    for name in "abc":
        save_version(shipped, name)
    for name in "abc":
        registry.activate(settings, "risk", name, Switch("operator"))
    (shipped / "risk" / "b" / "weights.safetensors").write_text("something else")

    assert registry.before(settings, "risk") == "a"


def test_without_any_version_the_command_that_makes_one_is_named(settings) -> None:
    with pytest.raises(MissingError, match="edupulse train risk"):
        registry.active_version(settings, "risk")


@pytest.mark.parametrize("version", ["v9", "../v1", "", ".."])
def test_an_unknown_version_is_answered_with_those_that_exist(settings, shipped, version) -> None:
    save_version(shipped, "v1")

    with pytest.raises(MissingError, match="there are: v1"):
        registry.activate(settings, "risk", version, Switch("operator"))


def test_a_half_written_version_is_not_one(settings, shipped) -> None:
    save_version(shipped, ".v1.4711")

    assert registry.versions(settings, "risk") == []


def test_a_missing_file_is_named(settings, shipped) -> None:
    (save_version(shipped, "v1") / "weights.safetensors").unlink()

    with pytest.raises(ModelError, match="v1 is damaged: weights.safetensors is missing"):
        registry.active_version(settings, "risk")


def test_a_changed_file_is_named_and_never_activated(settings, shipped) -> None:
    (save_version(shipped, "v1") / "weights.safetensors").write_text("something else")

    with pytest.raises(ModelError, match="weights.safetensors is not the file that was saved"):
        registry.activate(settings, "risk", "v1", Switch("operator"))
    assert newest_first(open_store(settings), activations) == []


def test_a_whole_version_is_read_once_and_again_when_a_file_changes(
    settings, shipped, monkeypatch
) -> None:
    folder, read = save_version(shipped, "v1"), []
    monkeypatch.setattr(whole, "read", lambda *given: read.append(given) or _read(*given))

    registry.active_version(settings, "risk")
    once = len(read)
    registry.active_version(settings, "risk")
    assert len(read) == once > 0

    (folder / "weights.safetensors").write_text("something else and longer")
    with pytest.raises(ModelError, match="not the file that was saved"):
        registry.active_version(settings, "risk")


_read = whole.read


@pytest.mark.parametrize("text", ["{", "[]", "{}", "\udcff"])
def test_a_manifest_that_cannot_be_read_is_named(settings, shipped, text) -> None:
    folder = save_version(shipped, "v1")
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(ModelError, match="v1 is damaged: manifest.json"):
        registry.active_version(settings, "risk")


def test_a_damaged_choice_is_named(settings, shipped) -> None:
    save_version(shipped, "v1")
    (shipped / "risk" / "active.json").write_text("{")

    with pytest.raises(ModelError, match="the choice of 'risk' is damaged: active.json"):
        registry.active_version(settings, "risk")


def test_two_versions_are_compared_by_their_saved_metrics(settings, shipped) -> None:
    save_version(shipped, "v1", auc=0.8)
    save_version(shipped, "v2", auc=0.9)

    assert registry.compare(settings, "risk", "v1", "v2") == {
        "v1": {"auc": 0.8},
        "v2": {"auc": 0.9},
    }


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (None, "no Mastery model has been trained yet; `edupulse train tracing`"),
        (RUNNING, "the Mastery model is being trained"),
        (PENDING, "waiting for `edupulse worker`"),
    ],
)
def test_where_no_version_serves_it_says_whether_one_is_on_its_way(
    settings: Settings, status: str | None, said: str
) -> None:
    if status is not None:
        job = Job("1" * 32, "train", {}, "ann", "steward", family="tracing", status=status)
        jobs.add(open_store(settings), job)

    with pytest.raises(MissingError, match=said):
        registry.chosen_version(settings, "tracing")
