"""In an A/B test every page shows a student the answer of one model, and the list says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edupulse_core.config import Settings
from edupulse_core.lifecycle import experiments as rules
from edupulse_core.lifecycle import registry
from edupulse_core.queries import at_risk, school
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District, open_district
from edupulse_core.queries.student import StudentRecord
from edupulse_core.store import experiments, predictions, runs
from edupulse_core.store.database import open_store
from edupulse_core.store.experiments import AB, SHADOW, STOPPED, Experiment
from edupulse_core.store.runs import RunRecord
from tests import people
from tests.queries.conftest import SCORES, VERSION, build_home, row, score_cast

CHALLENGER = "challenger"


def planned(settings: Settings, experiment_id: str, mode: str = AB) -> Experiment:
    return Experiment(
        experiment_id,
        "risk",
        registry.active_version(settings, "risk").name,
        CHALLENGER,
        mode,
        0.5 if mode == AB else 0.0,
        datetime.now(UTC) - timedelta(minutes=1),
        "operator",
    )


def answer(settings: Settings) -> None:
    """Two weeks of the challenger's scores: everyone's is .9."""
    for as_of in (people.AS_OF - timedelta(days=7), people.AS_OF):
        rows = [row(student, 0.9, "att_absence_rate_ytd") for student in SCORES]
        run = RunRecord(CHALLENGER, as_of, VERSION, family="risk", purpose=runs.SHADOW)
        predictions.write_run(open_store(settings), run, rows)


def list_of(district: District) -> dict[str, float]:
    found = at_risk.everyone(people.district_lead, district, Filters(sort="name"))
    return {each["student_id"]: each["risk_score"] for each in found if each["risk_score"]}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = build_home(tmp_path)
    score_cast(settings)
    return settings


@pytest.fixture
def tested(home: Settings) -> District:
    """The district in an A/B test that shows some of the cast the challenger's score."""
    for n in range(100):
        made = planned(home, f"test-{n}")
        shown = [rules.shows_challenger(made, student) for student in SCORES]
        if shown == [True, False, False, True, False]:  # Ana and Dee
            experiments.start(open_store(home), made)
            answer(home)
            return open_district(home)
    raise AssertionError("no experiment draws these two")


def test_the_list_shows_each_student_the_score_of_their_model(tested: District) -> None:
    shown = list_of(tested)

    assert shown == {
        student: 0.9 if student in ("ana", "dee") else score[0] for student, score in SCORES.items()
    }


def test_the_list_says_in_one_line_that_two_models_score(home: Settings, tested: District) -> None:
    champion = registry.active_version(home, "risk").name

    assert tested.standing.notes == (
        f"Two models are being compared: 50% of students, chosen by lot, are scored by "
        f"{CHALLENGER}, all others by {champion}.",
    )


def test_counts_and_schools_agree_with_the_list(tested: District) -> None:
    counts = at_risk.counts(people.district_lead, tested)
    schools = school.tiers(people.principal_north, tested, "north").rows

    assert counts.tiers == {"low": 2, "medium": 1, "high": 0, "critical": 2}
    assert sum(each["critical"] for each in schools) == 1  # Ana; Dee is at South


def test_a_change_is_measured_against_the_same_models_week_before(tested: District) -> None:
    found = at_risk.everyone(people.district_lead, tested, Filters(sort="name"))
    changes = {each["student_id"]: each["change"] for each in found}

    assert changes["ana"] == 0.0  # .9 before, by the challenger; the champion said .60
    assert changes["cy"] == -0.2


def test_a_students_page_shows_what_the_list_shows(tested: District) -> None:
    ana, ben = (StudentRecord(people.district_lead, tested, each) for each in ("ana", "ben"))

    assert (ana.score, ana.version) == (0.9, CHALLENGER)
    assert ben.score == SCORES["ben"][0] and ben.version != CHALLENGER


def test_the_week_before_shows_what_was_shown_then_even_after_the_test(
    home: Settings, tested: District
) -> None:
    experiment = tested.standing.now.experiment  # type: ignore[union-attr]
    experiments.end(
        open_store(home),
        experiment.experiment_id,  # type: ignore[union-attr]
        outcome=STOPPED,
        actor="operator",
        reason="enough",
        at=datetime.now(UTC),
    )
    week = people.week_before(people.AS_OF)

    after = open_district(home)

    assert list_of(after)["ana"] == SCORES["ana"][0] and after.standing.notes == ()
    assert StudentRecord(people.district_lead, after, "ana", week).score == 0.9
    assert StudentRecord(people.district_lead, after, "ben", week).score == SCORES["ben"][1]


def test_a_shadow_shows_nobody_anything(home: Settings) -> None:
    experiments.start(open_store(home), planned(home, "shadow", SHADOW))
    answer(home)

    district = open_district(home)

    assert list_of(district) == {student: score[0] for student, score in SCORES.items()}
    assert district.standing.notes == ()


def test_until_the_first_night_of_a_test_everybody_has_the_champions_score(
    home: Settings,
) -> None:
    experiments.start(open_store(home), planned(home, "test"))

    district = open_district(home)

    assert list_of(district) == {student: score[0] for student, score in SCORES.items()}
    assert district.standing.notes == ()


def test_a_test_of_a_champion_that_serves_no_more_shows_nothing(home: Settings) -> None:
    made = replace(planned(home, "test"), champion="earlier")
    experiments.start(open_store(home), made)
    answer(home)

    assert open_district(home).standing.notes == ()
