"""The odds of admission: of a student at every program, or of twelve numbers of nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from edupulse_core.actions import answers
from edupulse_core.config import Settings
from edupulse_core.errors import InputError
from edupulse_core.families.admission import NAME, sayings
from edupulse_core.people import trail
from edupulse_core.people.actor import Actor
from edupulse_core.queries.district import open_district
from edupulse_core.queries.outlook import Outlook, outlook

if TYPE_CHECKING:  # slow to import
    from edupulse_core.lifecycle.quality import Column

FAR_OUT = 3.0  # interquartile ranges beyond the quartiles


@dataclass(frozen=True)
class Odds:
    """What a version says of twelve numbers."""

    chance: float
    low: float
    high: float
    kind: str
    effects: dict[str, float]  # by input
    version: str
    note: str  # what speaks against relying on it, in sentences; or empty


def college_outlook(
    actor: Actor,
    settings: Settings,
    student_id: str,
    *,
    as_of: date | None = None,
    is_page: bool = False,
) -> Outlook:
    """A student's odds at every program: stored for this week, or worked out and stored now.

    is_page: as in `answers.shown`.
    Raises AccessError where the actor may not see the student, MissingError where no version of
    the family serves, InputError where the student never applied anywhere.
    """
    found = answers.shown(actor, settings, NAME, student_id, as_of=as_of, is_page=is_page)
    if not len(found.rows):
        raise InputError(sayings.NOTHING)
    district = open_district(settings)
    return outlook(district, student_id, found.as_of, found.version, found.rows)


def odds_of(
    actor: Actor, settings: Settings, vectors: Sequence[Mapping[str, float | None]]
) -> list[Odds]:
    """The odds of applications of nobody in particular.  vectors: the twelve inputs by name.

    Raises InputError for numbers out of range, or with none of the student's own, MissingError
    where no version of the family serves.
    """
    from edupulse_core.families import version as folders
    from edupulse_core.families.admission.examples import INPUTS, check, of_vectors
    from edupulse_core.families.admission.model import open_version
    from edupulse_core.lifecycle import quality, registry

    folder = registry.active_version(settings, NAME)
    learned = quality.kept(folder)
    seen = learned.columns if learned else []
    for at, vector in enumerate(vectors):
        check(vector, f"applications.{at}: " if len(vectors) > 1 else "")
    version = folders.check(folder).version
    x = of_vectors(vectors).x
    details = {"family": NAME, "version": version, "rows": len(x)}
    trail.note(settings, actor, trail.ASK, details=details)
    model = open_version(folder, "")
    chance, low, high = (each.tolist() for each in model.with_ranges(x))
    return [
        Odds(
            chance[at],
            low[at],
            high[at],
            sayings.kind_of(chance[at]),
            dict(zip(INPUTS, effects.tolist(), strict=True)),
            version,
            sayings.notes(_outside(dict(zip(INPUTS, x[at], strict=True)), seen), low[at], high[at]),
        )
        for at, effects in enumerate(model.effects(x))
    ]


def _outside(numbers: Mapping[str, Any], seen: "Sequence[Column]") -> list[str]:
    """The labels of numbers that lie far out of what a version learned from (Tukey 1977).

    By the quartiles, since the extremes are numbers of single students.
    """
    found = []
    for each in seen:
        lower, _, upper = each.quartiles or (0.0, 0.0, 0.0)
        reach, value = FAR_OUT * (upper - lower), numbers[each.name]
        if reach and (value < lower - reach or value > upper + reach):
            found.append(sayings.LABELS[each.name])
    return found
