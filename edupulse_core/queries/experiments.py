"""Experiments and how their two models do, for whoever is responsible for the models."""

from dataclasses import dataclass
from typing import Any

from edupulse_core.config import SMALLEST, Settings
from edupulse_core.errors import InputError
from edupulse_core.lifecycle import experiments as rules
from edupulse_core.lifecycle import registry
from edupulse_core.lifecycle.experiments import Standing
from edupulse_core.store import experiments as kept
from edupulse_core.store.database import open_store
from edupulse_core.store.experiments import Experiment


@dataclass(frozen=True)
class Described:
    """An experiment and which model does better so far."""

    experiment: Experiment
    standing: Standing
    is_whole: bool = True  # the challenger's folder

    @property
    def sentence(self) -> str:
        """Which model does better, for a person who decides."""
        now, names = self.standing, self.experiment
        if names.is_running and not self.is_whole:
            return (
                f"{names.challenger} is damaged or gone, so nobody has its answers. Stop the "
                "experiment."
            )
        if not now.nights:
            return "No night yet: both models answer from the next `edupulse score` on."
        if now.cases and now.gain is None:
            return f"{now.nights} weeks so far, and outcomes of fewer than {SMALLEST} students."
        if now.gain is None or now.low is None or now.high is None:
            return f"{now.nights} weeks so far, and no outcome of them is known yet."
        values = (-now.gain, -now.high, -now.low)
        change, low, high = (f"{each:+.3f}".replace("-", "−") for each in values)
        told = {
            "better": f"{names.challenger} does better",
            "worse": f"{names.challenger} does worse",
            "open": f"{names.challenger} does neither better nor worse beyond chance yet",
        }[now.verdict]
        return (
            f"{told}. Its mean error less that of {names.champion}: {change} ({low} to {high}). "
            "You may look at this range every week."
        )

    def as_json(self) -> dict[str, Any]:
        """The experiment's fields, and the comparison."""
        found = self.experiment
        return {
            "experiment_id": found.experiment_id,
            "family": found.family,
            "champion": found.champion,
            "challenger": found.challenger,
            "mode": found.mode,
            "split": found.share,
            "status": "running" if found.is_running else found.outcome,
            "started_at": found.started_at.isoformat(),
            "started_by": found.started_by,
            "ended_at": found.ended_at and found.ended_at.isoformat(),
            "ended_by": found.ended_by,
            "reason": found.reason,
            "comparison": self.standing.as_json(),
        }


def experiments(settings: Settings, family: str | None = None) -> list[Described]:
    """Every experiment, the newest first."""
    return [describe(settings, each) for each in kept.listed(open_store(settings), family)]


def experiment(settings: Settings, experiment_id: str) -> Described:
    """One experiment. Raises MissingError where there is none."""
    return describe(settings, kept.read(open_store(settings), experiment_id))


def describe(settings: Settings, found: Experiment) -> Described:
    """An experiment with its comparison as of now."""
    return Described(found, rules.standing(settings, found), _is_whole(settings, found))


def _is_whole(settings: Settings, found: Experiment) -> bool:
    """Whether the challenger can still answer."""
    try:
        registry.checked_version(settings, found.family, found.challenger)
    except InputError:
        return False
    return True
