"""Learning records: a student's own, the district's skills, and its learning resources."""

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from edupulse_core.config import SMALLEST
from edupulse_core.errors import AccessError, MissingError
from edupulse_core.features import learner as features
from edupulse_core.people import access
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from edupulse_core.queries.student import StudentRecord

MOST_ROWS = 50  # of a student's sessions
PAGE = 50  # resources shown at once
NEAREST = 3  # skills that are told in place of one that does not exist


@dataclass(frozen=True)
class Learner:
    """What is known of one student's learning up to the end of the week that is shown."""

    answers: int
    correct: int
    skills_practiced: int
    sessions: int
    hours: float | None  # None: no study session
    resources_used: int  # times, not different ones
    resources_completed: int
    applications: int
    last_day: date | None  # of an answer, a session or a use; None: there is none
    by_skill: tuple[dict[str, Any], ...]  # skills practiced or studied, by subject and title
    latest_sessions: tuple[dict[str, Any], ...]  # newest first, MOST_ROWS of them
    sent: tuple[dict[str, Any], ...]  # applications, newest first
    features: dict[str, float | None]  # of `features.learner`, by name; None: unknown


@dataclass(frozen=True)
class Wanted:
    """Which learning resources to show."""

    text: str = ""  # words of the title, or of a skill
    subject: str | None = None
    kind: str | None = None
    level: int | None = None  # 1 to 5


def skills(district: District) -> list[dict[str, Any]]:
    """Every skill by subject and title; says nothing of students."""
    return district.remember("skills", lambda: district.rows("skills"))


def skill_named(district: District, said: str) -> str:
    """The ID of a skill that somebody names by its ID, or by its title in any case.

    Raises MissingError where no skill or more than one has this name; it tells the nearest ones.
    """
    every = skills(district)
    if any(each["skill_id"] == said for each in every):
        return said
    wanted = said.strip().lower()
    same = [each["skill_id"] for each in every if each["title"].lower() == wanted]
    if len(same) == 1:
        return str(same[0])
    if same:
        raise MissingError(
            f"{len(same)} skills are called {said!r}: {', '.join(same)}; give one of these IDs"
        )
    near = ", ".join(f"{each['title']} ({each['skill_id']})" for each in _nearest(wanted, every))
    raise MissingError(
        f"there is no skill {said!r}"
        + (f"; the nearest are {near}" if near else "")
        + "; `edupulse skills` lists them all"
    )


def _nearest(wanted: str, every: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A few skills whose title or ID holds what is wanted, or is written much like it."""
    names = {name.lower(): each for each in every for name in (each["skill_id"], each["title"])}
    holding = [name for name in names if wanted and wanted in name]
    alike = get_close_matches(wanted, names, n=NEAREST, cutoff=0.5)
    found = {names[name]["skill_id"]: names[name] for name in (*holding, *alike)}
    return list(found.values())[:NEAREST]


def learner(record: StudentRecord) -> Learner:
    """A student's own learning records; whoever holds the record may see them."""
    district = record.district
    given = {"student_id": record.student_id, "as_of": record.as_of, "most": MOST_ROWS}

    def rows(name: str) -> tuple[dict[str, Any], ...]:
        return tuple(district.rows(name, given))

    sent = rows("learner_applications")
    if record.as_of < district.as_of:  # looking back, nobody knew yet what would come of them
        sent = tuple(each | {"outcome": None} for each in sent)
    return Learner(
        **rows("learner")[0],
        by_skill=rows("learner_skills"),
        latest_sessions=rows("learner_sessions"),
        sent=sent,
        features=_features(record),
    )


def _features(record: StudentRecord) -> dict[str, float | None]:
    with access.cursor(record.district.con) as cursor:
        (row,) = features.build(cursor, record.as_of, [record.student_id]).to_pylist()
    return {each.name: row[each.name] for each in features.FEATURES}


def resources(
    viewer: Viewer, district: District, wanted: Wanted, *, skip: int = 0, limit: int = PAGE
) -> tuple[list[dict[str, Any]], int]:
    """Some of the resources that fit, by title, and how many fit in all.

    A rating is the mean of the viewer's own students, and None for fewer than SMALLEST of them.
    """
    _sees_students(viewer)
    given = district.seen_by(
        viewer,
        subject=wanted.subject,
        kind=wanted.kind,
        level=wanted.level,
        words=wanted.text.lower().split(),
        smallest=SMALLEST,
    )
    rows = district.rows("resources", given | {"limit": limit, "offset": skip})
    counted = rows or district.rows("resources", given | {"limit": 1, "offset": 0})
    return rows, counted[0]["n_matching"] if counted else 0


def resource_choices(viewer: Viewer, district: District) -> dict[str, list[Any]]:
    """The kinds, subjects and levels that the district's resources have."""
    _sees_students(viewer)
    found = district.remember("resource choices", lambda: district.rows("resource_choices")[0])
    return {name: values or [] for name, values in found.items()}


def _sees_students(viewer: Viewer) -> None:
    if not viewer.sees_students:
        raise AccessError("Page not found, or you don't have access.")
