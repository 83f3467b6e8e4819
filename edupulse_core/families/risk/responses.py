"""What a school usually does: the risk level says how soon, the records say which steps."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edupulse_core.features.catalogue import FEATURES
from edupulse_core.features.flags import Flags

Record = Mapping[str, Any]  # a student's features of one week; None is unknown
SELDOM_ABSENT = 0.05  # share of days; up to here attendance is no reason to act
GOOD_GRADE = 0.7  # share of the maximum: a C
MUCH_MISSING = 0.4  # share of four weeks' work; above, it is a reason by itself

_GROUP = {feature.name: feature.group for feature in FEATURES}


@dataclass(frozen=True)
class Response:
    """How soon a school acts."""

    name: str  # as pages say it
    reference: str  # as guides to early warning call it
    pace: str


@dataclass(frozen=True)
class Advice:
    """A response and the steps that the student's records call for."""

    response: Response
    steps: tuple[str, ...]


@dataclass(frozen=True)
class _Step:
    """What to do about one kind of record."""

    words: str
    groups: frozenset[str]  # of reasons that call for it
    bears_out: Callable[[Record], bool]  # whether this week's record supports such a reason
    alone: Callable[[Record, Flags], bool]  # whether the record calls for it without any reason


RESPONSES = {
    "low": Response(
        "Keep going", "standard monitoring", "Look again when next week's data are in."
    ),
    "medium": Response(
        "Check in soon",
        "proactive support",
        "Talk with the student this week, ask what would help, and look again in two weeks.",
    ),
    "high": Response(
        "Act this week",
        "immediate intervention",
        "Name one responsible adult, contact the family within two school days, and bring the "
        "student to this week's support team.",
    ),
    "critical": Response(
        "Act today",
        "emergency response",
        "Reach the student and the family today, tell the principal, and bring the support team "
        "together within two days.",
    ),
}

_STEPS = (
    _Step(
        "Attendance: ask what keeps the student away (transportation, health, safety, sleep), and "
        "set up a morning check-in.",
        frozenset({"absence", "weekdays"}),
        lambda record: _over(record["att_absence_rate_4w"], SELDOM_ABSENT),
        lambda _, flags: bool(flags.a),
    ),
    _Step(
        "Late arrivals: ask about the morning routine and the way to school.",
        frozenset({"tardies"}),
        lambda record: _over(record["att_tardies_4w"], 0),
        lambda *_: False,
    ),
    _Step(
        "Missing work: go through it with the teachers and agree on what still counts.",
        frozenset({"missing work"}),
        lambda record: _over(record["grd_missing_rate_4w"], 0),
        lambda record, _: _over(record["grd_missing_rate_4w"], MUCH_MISSING),
    ),
    _Step(
        "Courses: offer tutoring in the lowest course, and ask its teacher what would help most.",
        frozenset({"marks", "courses"}),
        lambda record: (
            _under(record["grd_lowest_course"], GOOD_GRADE)
            or _under(record["grd_gpa_change_4w"], 0)
        ),
        lambda _, flags: bool(flags.c),
    ),
    _Step(
        "Behavior: find out where and when it happens, hear the student first, and try a "
        "restorative step before a suspension.",
        frozenset({"incidents", "severity"}),
        lambda record: _over(record["dsc_incidents_4w"], 0),
        lambda _, flags: bool(flags.b),
    ),
)


def suggested(level: str, raising: Iterable[str], record: Record, flags: Flags) -> Advice:
    """How soon to act, and the steps that this week's records support.

    raising: the features named as reasons for a higher score, strongest first.
    A step that the record calls for by itself is advised at every level, and turns "Keep going"
    into "Check in soon". Otherwise a low level needs no step.
    """
    groups = list(dict.fromkeys(_GROUP[feature] for feature in raising if feature in _GROUP))
    alone = [step for step in _STEPS if step.alone(record, flags)]
    called = (
        alone
        if level == "low"
        else [
            step
            for step in _STEPS
            if step in alone or (step.groups & set(groups) and step.bears_out(record))
        ]
    )
    steps = sorted(called, key=lambda step: _rank(step, groups))
    urgency = "medium" if level == "low" and alone else level
    return Advice(RESPONSES[urgency], tuple(step.words for step in steps))


def _rank(step: _Step, groups: list[str]) -> int:
    """The place of the step's strongest reason; a step without one comes last."""
    return min((at for at, group in enumerate(groups) if group in step.groups), default=len(groups))


def _over(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


def _under(value: float | None, limit: float) -> bool:
    return value is not None and value < limit
