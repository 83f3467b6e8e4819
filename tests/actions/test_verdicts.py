"""Who knows a student says whether the score is right, takes it back, and the audit has both."""

import pytest

from edupulse_core.actions import verdicts
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, MissingError
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.queries.district import District, open_district
from edupulse_core.queries.student import StudentRecord
from tests import people
from tests.queries.conftest import build_home, score_cast


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = build_home(tmp_path_factory.mktemp("verdicts"))
    score_cast(settings)
    return settings


@pytest.fixture
def district(home: Settings) -> District:
    return open_district(home)


@pytest.mark.parametrize(
    ("student", "is_at_risk", "outcome"),
    [
        ("ana", True, "true_positive"),  # Critical
        ("ana", False, "false_positive"),
        ("cy", True, "false_negative"),  # Low
        ("cy", False, "true_negative"),
    ],
)
def test_what_is_said_of_the_shown_score_is_kept_and_taken_back(
    district: District, student: str, is_at_risk: bool, outcome: str
) -> None:
    given = verdicts.judge(OPERATOR, district, student, is_at_risk, "had the flu")
    record = StudentRecord(people.district_lead, district, student)
    shown = record.verdict

    taken = verdicts.withdraw(OPERATOR, district, student)

    assert shown == given == taken and given.outcome == outcome
    assert (given.is_positive, given.as_of) == (is_at_risk, people.AS_OF)
    assert record.verdict is None
    lines = trail.entries(district.settings, subject=student)
    assert [line.action for line in lines][:2] == ["withdraw_verdict", "give_verdict"]
    with pytest.raises(MissingError, match="nobody has said"):
        verdicts.withdraw(OPERATOR, district, student)


def test_only_who_may_see_the_student_says_anything(district: District) -> None:
    for student in ("dee", "nobody"):
        for act in (
            lambda who, student=student: verdicts.judge(who, district, student, True),
            lambda who, student=student: verdicts.withdraw(who, district, student),
        ):
            with pytest.raises(AccessError):
                act(person(people.teacher_north))
            with pytest.raises(AccessError):
                act(person(people.steward))
    assert trail.entries(district.settings, action=trail.REFUSED_ACCESS, subject="dee")


def test_a_student_without_a_score_is_not_judged(district: District) -> None:
    with pytest.raises(MissingError, match="no score now"):
        verdicts.judge(OPERATOR, district, "fay", True)
