"""A process that is killed while it activates: one whole version serves, and it is on record."""

import subprocess
import sys
from pathlib import Path

import pytest

from edupulse_core.actions.versions import activate_version
from edupulse_core.config import Settings, load_settings
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store.database import open_store
from edupulse_core.store.tables import activations
from tests.lifecycle import toys
from tests.stored import newest_first

SWITCHING = """
import itertools, sys
from edupulse_core.actions.versions import activate_version
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR
from tests.lifecycle import toys

with toys.on_the_shelf():
    for version in itertools.cycle(("good", "same")):
        activate_version(OPERATOR, load_settings(home=sys.argv[1]), "toy", version)
        print(version, flush=True)
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    made = load_settings(home=tmp_path / "home")
    for name, model in (("good", toys.GOOD), ("same", toys.SAME)):
        toys.put(made, name, model)
    return made


def kill_while_switching(home: Settings, after: int) -> None:
    """Let a process activate one version after the other, and kill it after so many."""
    with subprocess.Popen(
        [sys.executable, "-c", SWITCHING, str(home.home)], stdout=subprocess.PIPE, text=True
    ) as switching:
        assert switching.stdout is not None
        for _ in range(after):
            assert switching.stdout.readline()
        switching.kill()


@pytest.mark.parametrize("after", [1, 2, 5])
def test_after_a_kill_a_whole_version_serves_and_the_next_act_completes_the_history(
    home: Settings, after: int
) -> None:
    kill_while_switching(home, after)

    serving = registry.active_version(home, "toy").name
    assert registry.history(home, "toy")[-1].version == serving
    other = "same" if serving == "good" else "good"
    with toys.on_the_shelf():
        activate_version(OPERATOR, home, "toy", other)

    noted = [each.version for each in reversed(newest_first(open_store(home), activations))]
    assert noted[-2:] == [serving, other] and len(noted) in (after + 1, after + 2)
    told = [each.subject for each in reversed(trail.entries(home, action=trail.ACTIVATE))]
    assert told == [f"toy {version}" for version in noted]
