"""The gate that a version passes before it serves: what speaks against it, and what would move."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edupulse_core.config import Settings
from edupulse_core.errors import InputError, RefusedError
from edupulse_core.families.shelf import family_named
from edupulse_core.lifecycle import comparison, findings, quality, registry
from edupulse_core.lifecycle.comparison import Compared, Group, Moves, UnusableError, Weighed
from edupulse_core.progress import Progress
from edupulse_core.training import reliability

RESAMPLES = 200
TOLD = 4  # groups that a sentence names


@dataclass(frozen=True)
class Objection:
    """One thing that speaks against a version."""

    check: str  # inputs, useless, quality, worse, group, calibration, slope
    sentence: str
    groups: tuple[str, ...] = ()  # attribute and name of each, the worst first

    def as_json(self) -> dict[str, Any]:
        """Its fields."""
        return {"check": self.check, "reason": self.sentence, "groups": [*self.groups]}


@dataclass(frozen=True)
class Verdict:
    """Whether a version may take the place of the one that serves."""

    champion: str | None  # serves now
    challenger: str
    objections: tuple[Objection, ...] = ()
    not_compared: str = ""  # why there was nothing to compare them on
    compared: Compared | None = None
    moves: Moves | None = None  # None where students have no level

    @property
    def reasons(self) -> list[str]:
        """What speaks against it, a sentence each; empty if it passes."""
        return [each.sentence for each in self.objections]

    @property
    def can_be_overridden(self) -> bool:
        """Whether a person may pass the gate all the same: not with what cannot be used here."""
        return all(each.check != "inputs" for each in self.objections)

    @property
    def notes(self) -> list[str]:
        """What a person should know who decides, in sentences."""
        found = [] if self.moves is None else [self.moves.sentence]
        if self.not_compared:
            found.append(
                f"{self.challenger} could not be compared with {self.champion or 'another one'}: "
                f"{self.not_compared}."
            )
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything, for the audit and the API."""
        return {
            "champion": self.champion,
            "challenger": self.challenger,
            "passes": not self.objections,
            "objections": [each.as_json() for each in self.objections],
            "not_compared": self.not_compared,
            "compared": self.compared and self.compared.model_dump(mode="json"),
            "moves": self.moves and self.moves.as_json(),
        }

    def check(self, refusal: str = "is not activated") -> None:
        """Raise RefusedError, with every reason, if anything speaks against it."""
        if self.objections:
            head = f"{self.challenger} {refusal}. {' '.join(self.reasons)}"
            raise RefusedError(head, gate="activation", reasons=self.reasons)


def judge(
    settings: Settings, family: str, version: str, *, progress: Progress | None = None
) -> Verdict:
    """Compare a version with the one that serves, on weeks that neither has seen.

    Without such weeks nothing is compared and it passes; so does a version where none serves, if it
    does better than the simplest method.
    Raises ModelError for a damaged version.
    """
    folder = registry.checked_version(settings, family, version)
    try:
        champion = registry.active_version(settings, family).name
    except InputError as error:
        objections = _of_no_use(settings, family, version)
        return Verdict(None, version, objections, "" if objections else str(error))
    if champion == version:
        return Verdict(champion, version)
    try:
        comparison.opened(family_named(family), folder)
        weighed = comparison.weigh(
            settings, family, champion, version, groups=True, progress=progress
        )
    except UnusableError as error:
        if error.version != version:
            return Verdict(champion, version, not_compared=str(error))
        objection = Objection("inputs", f"It cannot be used here: {error}.")
        return Verdict(champion, version, (objection,))
    except (InputError, RefusedError) as error:  # nothing imported, or no outcome yet
        return Verdict(champion, version, _bad_data(folder), not_compared=str(error))
    objections = (
        *_bad_data(folder),
        *_worse(settings, weighed),
        *_worse_for_some(settings, weighed, progress),
        *_off(settings, weighed),
    )
    moves = comparison.moves(settings, family, champion, version, progress=progress)
    return Verdict(champion, version, objections, "", weighed.compared, moves)


def _of_no_use(settings: Settings, family: str, version: str) -> tuple[Objection, ...]:
    """Whether it does no better than the simplest method, where nothing else serves."""
    said = registry.no_better(settings, family, version)
    return (Objection("useless", said),) if said else ()


def _bad_data(folder: Path) -> tuple[Objection, ...]:
    """Errors in the data that it learned from, where those were recorded."""
    found = quality.kept(folder)
    if found is None or not found.errors:
        return ()
    family = family_named(found.family)
    said = " ".join(findings.sentence(each, family) for each in found.errors)
    return (Objection("quality", f"The data that it learned from had errors. {said}"),)


def _worse(settings: Settings, weighed: Weighed) -> list[Objection]:
    """Measures in which it is worse by more than the margin."""
    found = []
    for name, each in weighed.metrics.items():
        metric = weighed.family.metrics[name]
        if weighed.lost(name, each.a, each.b) > settings.gate.margin:
            told = f"{each.b:.3f}, against {each.a:.3f}"
            if name in weighed.untold:
                told = "lower (hidden for privacy) than"
            found.append(
                Objection(
                    "worse",
                    f"{metric.label}: {told} with {weighed.names[0]} "
                    f"on the same {weighed.compared.rows:,} cases. At most "
                    f"{settings.gate.margin:g} may be lost.",
                )
            )
    return found


def _worse_for_some(
    settings: Settings, weighed: Weighed, progress: Progress | None
) -> list[Objection]:
    """Measures that get worse by more than the margin for some groups, and not by chance.

    What gets worse for everyone is told once, not again for each group.
    """
    hit: dict[str, list[Group]] = {}
    for each in weighed.worse_groups(settings.gate.group_margin, progress):
        overall = weighed.metrics[each.metric]
        for_all = weighed.lost(each.metric, overall.a, overall.b) > settings.gate.margin
        if not for_all and not each.low <= 0 <= each.high:
            hit.setdefault(each.metric, []).append(each)
    return [_for_groups(settings, weighed, name, groups) for name, groups in hit.items()]


def _for_groups(
    settings: Settings, weighed: Weighed, name: str, groups: Sequence[Group]
) -> Objection:
    worst = sorted(groups, key=lambda each: -weighed.lost(name, each.a, each.b))
    told = [f"{each.attribute} {each.name}" for each in worst]
    if name not in weighed.untold:
        told = [f"{of} ({x.b:.3f}, {x.a:.3f} before)" for of, x in zip(told, worst, strict=True)]
    more = f" and {len(told) - TOLD} more groups" if len(told) > TOLD else ""
    return Objection(
        "group",
        f"{weighed.family.metrics[name].label} gets worse for {weighed.family.whose} of "
        f"{', '.join(told[:TOLD])}{more}. At most {settings.gate.group_margin:g} may be lost in a "
        "group.",
        tuple(f"{each.attribute} {each.name}" for each in worst),
    )


def _off(settings: Settings, weighed: Weighed) -> list[Objection]:
    """Whether its values are off from what followed, by more than the champion's are."""
    came = weighed.family.outcome(weighed.said[0], weighed.examples)
    if came is None:
        return []
    limits, found, said = settings.gate, [], weighed.family.values
    who = np.asarray(weighed.examples.who)
    values = [each["value"].to_numpy(zero_copy_only=False) for each in weighed.said]
    before, after = (
        reliability.calibration(value, came, who, resamples=RESAMPLES) for value in values
    )
    if after.ece > max(limits.most_off, after.limit, before.ece):
        found.append(
            Objection(
                "calibration",
                f"Its {said} are off from what followed by {after.ece:.3f} on average, "
                f"those of {weighed.names[0]} by {before.ece:.3f}. At most "
                f"{limits.most_off:g} is allowed.",
            )
        )
    was, rises = (reliability.slope(value, came) for value in values)
    if not limits.least_slope <= rises <= limits.most_slope and abs(rises - 1) > abs(was - 1):
        found.append(
            Objection(
                "slope",
                f"Where its {said} rise by 1, what followed rises by {rises:.2f}; with "
                f"{weighed.names[0]}, by {was:.2f}. Between {limits.least_slope:g} and "
                f"{limits.most_slope:g} is allowed.",
            )
        )
    return found
