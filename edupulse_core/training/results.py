"""What results of every kind share: they never change, carry intervals and hide small groups."""

from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

EVERYONE = "everyone"


class Result(BaseModel):
    """Something that was measured. Fields that a later version added are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Interval(Result):
    """A value with its 95% interval; all None where it is not defined."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, value: float, draws: NDArray[np.float64]) -> "Interval":
        """The interval that a value's resamples span."""
        draws = draws[~np.isnan(draws)]
        if np.isnan(value) or not len(draws):
            return cls()
        low, high = np.quantile(draws, [0.025, 0.975])
        return cls(
            value=round(float(value), 6), low=round(float(low), 6), high=round(float(high), 6)
        )

    def in_words(self, digits: int = 4) -> str:
        """Such as "+0.0031 (−0.0008 to +0.0052)"; a dash where it is not defined."""
        from edupulse_core.training.evaluation import Difference  # which imports this module

        if self.value is None or self.low is None or self.high is None:
            return "–"
        found = Difference(difference=self.value, low=self.low, high=self.high)
        return found.in_words(digits)

    @property
    def complement(self) -> "Interval":
        """The interval of one minus the value."""
        if self.value is None or self.low is None or self.high is None:
            return self
        return Interval(value=1 - self.value, low=1 - self.high, high=1 - self.low)


class Hidden(Result):
    """A group of students, or everyone, whose figures are hidden: they could identify a few."""

    group: str = EVERYONE
    hidden: Literal[True] = True


class Told(Result):
    """A group of students, or everyone, whose figures are shown."""

    group: str = EVERYONE
    hidden: Literal[False] = False
    rows: int  # student-weeks
    students: int | None  # None where a student may be in two groups


Line = TypeVar("Line", bound=Told)


class ByGroup(Result, Generic[Line]):
    """The same measurement of everyone and of each group of each attribute."""

    overall: Hidden | Line
    groups: dict[str, list[Hidden | Line]]  # attribute -> its groups

    def lines(self, attribute: str) -> list[Hidden | Line]:
        """Everyone, then each group of an attribute."""
        return [self.overall, *self.groups.get(attribute, [])]

    def told(self) -> list[tuple[str, Line]]:
        """Every group that is not hidden, with its attribute."""
        return [
            (attribute, each)
            for attribute, lines in self.groups.items()
            for each in lines
            if not isinstance(each, Hidden)
        ]

    @property
    def n_hidden(self) -> int:
        """How many groups are hidden."""
        return sum(each.hidden for lines in self.groups.values() for each in lines)
