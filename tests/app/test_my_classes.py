"""A teacher's sections, as the page counts and names their students."""

import re

from edupulse_core.people.access import Viewer
from edupulse_core.queries import classes
from edupulse_core.queries.district import District
from tests.app.conftest import OpenApp


def test_the_summary_says_how_it_counts_and_counts_everybody_once(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    section = classes.sections(staff["teacher"], demo)[0]

    captions = [each.value for each in open_app("teacher", "my_classes").caption]

    (said,) = [each for each in captions if "changed," in each]
    assert "fine; each counts in the first of these that fits" in said
    groups = r"(\d+) changed, (\d+) miss work, (\d+) still at risk, (\d+) to watch, (\d+) fine"
    found = re.search(groups, said)
    assert found is not None
    assert sum(map(int, found.groups())) == section.n_students


def test_who_is_fine_has_no_flag_and_attends(
    open_app: OpenApp, staff: dict[str, Viewer], demo: District
) -> None:
    fine = [row for each in classes.sections(staff["teacher"], demo) for row in each.fine]
    watched = [row for each in classes.sections(staff["teacher"], demo) for row in each.watch]

    assert fine and watched
    for row in fine:
        assert (row["tier"] or "low", row["uncertain"], row["n_flags"]) == ("low", False, 0)
        assert row["attendance"] is None or row["attendance"] >= 0.9
    assert not any(classes.is_fine(row) for row in watched)
