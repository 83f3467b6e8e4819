from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError
from edupulse_core.lifecycle import registry
from edupulse_core.queries import at_risk
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District, open_district
from edupulse_core.store import predictions
from edupulse_core.store.database import open_store
from edupulse_core.store.runs import RunRecord
from edupulse_core.warehouse import snapshots
from tests import people
from tests.queries.conftest import build_home, publish, row, score_cast


def test_before_the_first_import_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="edupulse ingest"):
        open_district(Settings(home=tmp_path))


def test_the_same_district_is_opened_once(home: Settings) -> None:
    assert open_district(home).con is open_district(home).con


def test_a_new_scoring_is_followed_at_once(tmp_path: Path) -> None:
    settings = build_home(tmp_path)
    before = open_district(settings)

    score_cast(settings)
    after = open_district(settings)

    assert before.standing.run is None and after.standing.run is not None
    assert at_risk.counts(people.district_lead, after).tiers["critical"] == 1


def test_after_an_undo_the_scores_of_then_are_shown_again(tmp_path: Path) -> None:
    settings = build_home(tmp_path)
    score_cast(settings)
    version = registry.active_version(settings, "risk").name
    later = RunRecord(version, people.AS_OF + timedelta(weeks=1), "taken back", family="risk")
    predictions.write_run(open_store(settings), later, [])

    standing = open_district(settings).standing

    assert standing.problems == ()
    assert standing.run is not None and standing.run.as_of == people.AS_OF


def test_a_change_is_never_one_to_scores_of_data_that_were_taken_back(tmp_path: Path) -> None:
    settings = build_home(tmp_path)
    score_cast(settings)
    shown = open_district(settings).standing.previous
    version = registry.active_version(settings, "risk").name
    store, week_before = open_store(settings), people.AS_OF - timedelta(weeks=1)
    publish(settings, "20261117T060000000000-bad")
    withdrawn = RunRecord(version, week_before, "20261117T060000000000-bad", family="risk")
    predictions.write_run(store, withdrawn, [row("ana", 0.01, "att_is_chronic")])
    snapshots.undo(settings)
    good = "20261118T060000000000-good"
    publish(settings, good)
    predictions.write_run(store, RunRecord(version, people.AS_OF, good, family="risk"), [])

    standing = open_district(settings).standing

    assert standing.run is not None and standing.run.warehouse_version == good
    assert shown is not None and standing.previous == shown


def test_scores_of_another_version_are_not_shown(tmp_path: Path) -> None:
    settings = build_home(tmp_path)
    score_cast(settings)

    damaged = settings.model_copy(update={"model_version": "no-such-version"})
    district = open_district(damaged)

    assert district.standing.run is None
    assert "cannot be used" in district.standing.problems[0]
    rows = at_risk.students(people.district_lead, district, Filters()).rows
    assert rows["risk_score"].null_count == len(rows)


def test_scores_with_levels_of_earlier_settings_are_not_shown_and_the_remedy_is_named(
    tmp_path: Path,
) -> None:
    settings = build_home(tmp_path)
    score_cast(settings)
    rules = replace(settings.outcomes, tiers=(0.25, 0.5, 0.85))  # ana has .82

    standing = open_district(settings.model_copy(update={"outcomes": rules})).standing

    assert standing.run is None
    (problem,) = standing.problems
    assert "risk levels" in problem and "`edupulse score`" in problem


def test_edges_that_move_nobody_to_another_level_leave_the_scores_as_they_are(
    tmp_path: Path,
) -> None:
    settings = build_home(tmp_path)
    score_cast(settings)
    rules = replace(settings.outcomes, tiers=(0.25, 0.5, 0.8))

    standing = open_district(settings.model_copy(update={"outcomes": rules})).standing

    assert standing.run is not None and standing.problems == ()


def test_a_real_district_is_not_evaluated_until_its_own_weeks_were(tmp_path: Path) -> None:
    settings = build_home(tmp_path, is_demo=False)
    score_cast(settings)

    district = open_district(settings)

    assert district.standing.run is not None and not district.standing.evaluated
    assert Filters().order(district) == "abc"
    assert Filters(sort="risk").order(district) == "risk"


def test_an_evaluated_one_is_sorted_by_score(district: District) -> None:
    assert Filters().order(district) == "risk"
    tested = replace(district, standing=replace(district.standing, evaluated=False))
    assert Filters().order(tested) == "abc"
