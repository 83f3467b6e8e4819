"""A student's college outlook: a balanced list of programs, and what would change the odds."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from edupulse_core.families.admission import sayings
from edupulse_core.queries.district import District

EACH = 3  # programs of each kind on the balanced list


@dataclass(frozen=True)
class Prospect:
    """One program, and a student's odds of being admitted."""

    program_id: str
    title: str
    institution: str | None
    tier: int | None
    admit_rate: float | None
    minimum_gpa: float | None
    has_applied: bool
    kind: str  # reach, match or likely
    chance: float
    low: float  # from here to high, few past cases leave the odds open
    high: float
    effects: dict[str, float]  # by input: the chance less what it would be with the usual value
    changes: list[dict[str, Any]]  # what the student could change: input, now, then, chance
    outcome: str | None = None  # of the newest application, where it was decided

    @property
    def odds(self) -> str:
        """The odds in words."""
        return sayings.odds(self.chance, self.low, self.high)

    @property
    def advice(self) -> list[str]:
        """What would change them, in words, the most helpful first."""
        return [sayings.change(one) for one in self.changes]


@dataclass(frozen=True)
class Outlook:
    """All programs for one student."""

    student_id: str
    as_of: date
    version: str
    programs: list[Prospect]  # the best odds first; none where the student never applied anywhere

    @property
    def undecided(self) -> list[Prospect]:
        """The programs that may still admit this student: nobody has decided or withdrawn."""
        over = ("admitted", "denied", "withdrawn")
        return [one for one in self.programs if one.outcome not in over]

    @property
    def balanced(self) -> dict[str, list[Prospect]]:
        """A few of each kind: the nearest reaches, the evenest matches, the boldest likely ones.

        Where a kind is empty, the list is not balanced: `lacking` names it.
        """
        order = {
            "reach": lambda one: -one.chance,
            "match": lambda one: abs(one.chance - 0.5),
            "likely": lambda one: one.chance,
        }
        return {
            kind: sorted((one for one in self.undecided if one.kind == kind), key=key)[:EACH]
            for kind, key in order.items()
        }

    @property
    def lacking(self) -> list[str]:
        """Kinds of which there is no program."""
        return [kind for kind, some in self.balanced.items() if self.programs and not some]

    def as_json(self) -> dict[str, Any]:
        """What `edupulse admission --json` prints."""
        told = [asdict(one) | {"odds": one.odds, "advice": one.advice} for one in self.programs]
        balanced = {kind: [one.program_id for one in some] for kind, some in self.balanced.items()}
        return {
            "student_id": self.student_id,
            "as_of": self.as_of.isoformat(),
            "model_version": self.version,
            "programs": told,
            "balanced": balanced,
            "lacking": self.lacking,
            "warning": sayings.WARNING,
        }


def outlook(
    district: District, student_id: str, as_of: date, version: str, answers: pa.Table
) -> Outlook:
    """What stored answers about a student say, with the programs' own names.

    answers: ANSWERS of the student, which the one door let through.
    """
    known = {row["program_id"]: row for row in district.rows("programs")}
    given = {"student_id": student_id, "day": as_of}
    is_now = as_of >= district.as_of  # looking back, nobody knew yet what would come of it
    applied = {row["program_id"]: row["outcome"] for row in district.rows("applied", given)}
    found = []
    for row in answers.to_pylist():
        about = known.get(row["object"])
        if about is None:  # the program left the records since
            continue
        details = json.loads(row["details"])
        found.append(
            Prospect(
                **about,
                has_applied=row["object"] in applied,
                outcome=(applied.get(row["object"]) or None) if is_now else None,
                kind=row["label"],
                chance=row["value"],
                low=row["low"],
                high=row["high"],
                effects=details.get("effects", {}),
                changes=details.get("changes", []),
            )
        )
    found.sort(key=lambda one: -one.chance)
    return Outlook(student_id, as_of, version, found)
