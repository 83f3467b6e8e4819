"""The flags that are up now: attendance, behavior, courses; and where a risk level disagrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EXPECTED = {"low": 0, "medium": 1, "high": 2, "critical": 3}  # flags that a level speaks of


@dataclass(frozen=True)
class Flags:
    """What the records of this school year say of one student; None is unknown."""

    a: bool | None  # attendance
    b: bool | None  # behavior
    c: bool | None  # courses
    is_chronic: bool  # chronically absent: flag A, after enough days to say so
    courses_failing: int
    incidents: int
    was_removed: bool  # suspended or expelled

    @property
    def n(self) -> int:
        """How many are known to be up."""
        return sum(bool(flag) for flag in (self.a, self.b, self.c))

    def disagree(self, level: str | None) -> bool:
        """Whether more flags are up than a low or medium level speaks of, or none on a high one."""
        if level is None:
            return False
        if level in ("low", "medium"):
            return self.n > EXPECTED[level]
        return (self.a, self.b, self.c) == (False, False, False)


def flags_of(row: Mapping[str, Any]) -> Flags:
    """The flags of a row with `flag_a`, `flag_b`, `flag_c` and the features that they come from."""
    return Flags(
        row["flag_a"],
        row["flag_b"],
        row["flag_c"],
        bool(row["att_is_chronic"]),
        int(row["grd_courses_failing"] or 0),
        int(row["dsc_incidents_ytd"] or 0),
        _was_removed(row["dsc_days_removed_ytd"], row["dsc_incidents_ytd"]),
    )


def _was_removed(days: float | None, n_incidents: float | None) -> bool:
    """Days are unknown with incidents known only where a removal came without its days."""
    return bool(days) if days is not None else n_incidents is not None
