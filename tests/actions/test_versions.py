"""A version that takes over: noted with who decided it, and for the operator and the steward."""

import pytest

from edupulse_core.actions.versions import activate_version, roll_back
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import AccessError, RefusedError
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.store.database import open_store
from edupulse_core.store.tables import activations
from tests import people
from tests.stored import newest_first


@pytest.fixture
def home(tmp_path) -> Settings:
    return load_settings(home=tmp_path)


def test_an_activation_is_in_the_history_and_in_the_audit_once(home: Settings) -> None:
    shipped = registry.active_version(home, "risk").name

    assert activate_version(OPERATOR, home, "risk", shipped).serving == shipped

    again = activate_version(OPERATOR, home, "risk", shipped)
    assert again.served_before and again.serving == shipped
    (noted,) = trail.entries(home, action=trail.ACTIVATE)
    assert (noted.actor, noted.subject) == ("operator", f"risk {shipped}")
    assert [each.version for each in newest_first(open_store(home), activations)] == [shipped]


def test_a_steward_activates_a_version_and_a_principal_does_not(home: Settings) -> None:
    shipped = registry.active_version(home, "risk").name

    with pytest.raises(AccessError):
        activate_version(person(people.principal_north), home, "risk", shipped)
    assert trail.entries(home, action=trail.ACTIVATE) == []

    activate_version(person(people.steward), home, "risk", shipped)
    (switch,) = registry.history(home, "risk")
    assert switch.actor == people.steward.sign_in


def test_without_a_version_before_there_is_no_way_back(home: Settings) -> None:
    with pytest.raises(RefusedError, match="no version of 'risk' served before"):
        roll_back(OPERATOR, home, "risk", reason="it is bad")
