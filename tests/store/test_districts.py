"""Which districts a store has seen, and who served when."""

from datetime import UTC, datetime

from edupulse_core.store import activations, districts, tables
from edupulse_core.store.activations import Activation
from edupulse_core.store.database import Store
from tests.stored import newest_first


def test_a_new_store_has_seen_no_district(store: Store) -> None:
    assert not districts.only_demo(store)
    assert not districts.any_demo(store)
    assert not districts.any_real(store)


def test_a_store_with_the_demo_alone_says_so(store: Store) -> None:
    districts.note_import(store, "Cedar Valley", is_demo=True)
    districts.note_import(store, "Cedar Valley", is_demo=True)

    assert districts.only_demo(store)
    assert not districts.any_real(store)


def test_one_real_import_is_never_forgotten(store: Store) -> None:
    districts.note_import(store, "Real Schools", is_demo=False)
    districts.note_import(store, "Cedar Valley", is_demo=True)

    assert not districts.only_demo(store)
    assert districts.any_real(store)
    assert districts.any_demo(store)


def test_activations_are_kept_in_their_order(store: Store) -> None:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    for family, version, previous, actor in (
        ("risk", "v1", None, "a"),
        ("risk", "v2", "v1", "b"),
        ("path", "p1", None, "a"),
    ):
        activations.note_activation(store, Activation(at, family, version, previous, actor))

    history = newest_first(store, tables.activations)

    assert [(each.family, each.version, each.previous, each.actor) for each in history] == [
        ("path", "p1", None, "a"),
        ("risk", "v2", "v1", "b"),
        ("risk", "v1", None, "a"),
    ]
