"""The balanced list of programs, and what it lacks."""

from dataclasses import replace
from datetime import date

import pytest

from edupulse_core.families.admission.sayings import kind_of
from edupulse_core.queries.outlook import EACH, Outlook, Prospect


def outlook_of(*chances: float) -> Outlook:
    programs = [
        Prospect(
            program_id=f"P{at}",
            title=f"Program {at}",
            institution=None,
            tier=None,
            admit_rate=None,
            minimum_gpa=None,
            has_applied=False,
            kind=kind_of(chance),
            chance=chance,
            low=chance / 2,
            high=(1 + chance) / 2,
            effects={},
            changes=[{"input": "gpa", "now": 3.0, "then": 3.1, "chance": chance + 0.04}],
        )
        for at, chance in enumerate(chances)
    ]
    return Outlook("ana", date(2026, 11, 15), "v1", programs)


@pytest.mark.parametrize(
    ("chance", "kind"),
    [(0.299, "reach"), (0.3, "match"), (0.699, "match"), (0.7, "likely")],
)
def test_a_program_is_a_reach_a_match_or_likely(chance: float, kind: str) -> None:
    assert kind_of(chance) == kind


def test_the_list_has_the_nearest_reaches_the_evenest_matches_and_the_boldest_likely_ones() -> None:
    found = outlook_of(0.95, 0.9, 0.8, 0.72, 0.6, 0.52, 0.45, 0.33, 0.28, 0.2, 0.1, 0.05)

    listed = {kind: [one.chance for one in some] for kind, some in found.balanced.items()}

    assert listed == {
        "reach": [0.28, 0.2, 0.1],
        "match": [0.52, 0.45, 0.6],
        "likely": [0.72, 0.8, 0.9],
    }
    assert max(map(len, listed.values())) == EACH and found.lacking == []


def test_a_list_without_a_safe_program_says_so() -> None:
    assert outlook_of(0.5, 0.2).lacking == ["likely"]
    assert outlook_of().lacking == []


def test_odds_are_never_said_to_be_certain() -> None:
    (sure,) = outlook_of(0.9999).programs

    assert sure.odds == "over 99% (49% to over 99%)"
    assert sure.advice == ["With a GPA of 3.10 instead of 3.00: over 99%"]


def test_a_program_that_has_answered_is_no_longer_on_the_list() -> None:
    found = outlook_of(0.9, 0.5, 0.2)
    admitted = replace(found.programs[0], has_applied=True, outcome="admitted")
    waiting = replace(found.programs[1], has_applied=True, outcome="waitlisted")
    gone = replace(found.programs[2], has_applied=True, outcome="withdrawn")
    decided = replace(found, programs=[admitted, waiting, gone])

    assert decided.balanced["likely"] == decided.balanced["reach"] == [] and decided.balanced[
        "match"
    ] == [waiting]
    assert admitted in decided.programs
