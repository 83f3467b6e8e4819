"""The shelf: families by name, none loaded before it is needed."""

import subprocess
import sys

import pytest

from edupulse_core.errors import MissingError
from edupulse_core.families import shelf


def test_a_family_is_found_by_its_name() -> None:
    assert shelf.family_named("risk").name == shelf.nightly() == "risk"


def test_an_unknown_family_is_refused_naming_those_there_are() -> None:
    with pytest.raises(MissingError, match=r"no family 'weather'; there are: .*risk"):
        shelf.family_named("weather")


def test_an_unknown_family_is_refused_with_the_names_that_pages_give_the_others() -> None:
    titles = {name: shelf.family_named(name).title for name in shelf.SHELF}
    unlike = {
        name: title for name, title in titles.items() if title.lower().replace(" ", "_") != name
    }

    assert unlike == shelf.CALLED
    with pytest.raises(MissingError, match=r"tracing \(Mastery\)"):
        shelf.check_name("mastery")


def test_looking_for_a_name_loads_no_model() -> None:
    look = (
        "import sys; from edupulse_core.families import shelf; shelf.check_name('risk')\n"
        "print('torch' in sys.modules, 'duckdb' in sys.modules)\n"
        "import edupulse_core.api; print('torch' in sys.modules)"  # nor does a server that starts
    )
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["False"] * 3
