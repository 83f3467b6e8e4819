"""What the evaluation of any family says: which version, on whose weeks, and its goals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, model_validator

from edupulse_core.config import Rules
from edupulse_core.training.results import Result


class EvaluatedOn(Result):
    """Whose student-weeks a version was tested on."""

    district: str
    fingerprint: str = ""  # of the import
    is_demo: bool = False

    @model_validator(mode="before")
    @classmethod
    def _fictional_by_seed(cls, value: Any) -> Any:
        """Shipped versions give the seed of the fictional district that they were tested on."""
        if isinstance(value, dict) and "seed" in value:
            return {"is_demo": True} | value
        return value


class Goal(Result):
    """One goal, and the figure that was reached."""

    goal: str
    found: str
    met: bool | None  # None where it cannot be judged


class Evaluation(Result):
    """A version on cases that it has not seen; a family may type what it adds."""

    model_config = ConfigDict(frozen=True, extra="allow")

    version: str
    evaluated_on: EvaluatedOn
    evaluated_at: datetime
    rows: int  # cases that the version has not seen
    students: int
    weeks: tuple[str, str]  # the first and the last Monday
    until: str = ""  # the end of the period up to which outcomes count; empty in older ones
    rules: Rules = Rules()  # the district's, under which outcomes and levels were counted

    @model_validator(mode="before")
    @classmethod
    def _silence_by_days(cls, value: Any) -> Any:
        """Leave out what `silent_days` meant before silence was judged by rows: another rule."""
        rules = value.get("rules") if isinstance(value, dict) else None
        if not isinstance(rules, dict) or "silent_rows" in rules.get("attendance", {}):
            return value
        known = {n: each for n, each in rules.get("attendance", {}).items() if n != "silent_days"}
        return value | {"rules": rules | {"attendance": known}}

    @property
    def aims(self) -> Sequence[Goal]:
        """The goals, in the order in which they are read."""
        return ()

    @property
    def groups(self) -> list[str]:
        """The attributes by which students were grouped."""
        return []
