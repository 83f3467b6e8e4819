"""What Help shows: how to read each number, and the model card."""

from dataclasses import dataclass

from pydantic import ValidationError

from edupulse_core.errors import MissingError, ModelError
from edupulse_core.families.risk import tiers
from edupulse_core.families.risk.factors import Factor
from edupulse_core.families.risk.results import Comparison
from edupulse_core.families.risk.sayings import statement
from edupulse_core.features.catalogue import FEATURES, Feature
from edupulse_core.lifecycle import evaluations, registry
from edupulse_core.queries.district import District

_EXAMPLES = {
    "share": 0.25,
    "days": 3.0,
    "count": 2.0,
    "points": 2.5,
    "score": 0.74,
    "slope": 0.02,
    "weeks": 5.0,
    "yes_no": 1.0,
    "severity": 3.0,
}
_EXAMPLES_OF = {  # where the unit's would be far from what one meets
    "att_volatility_8w": 0.1,
    "grd_gpa_change_4w": -0.4,
    "grd_volatility_8w": 0.08,
    "grd_course_spread": 0.3,
}


@dataclass(frozen=True)
class Reading:
    """How to read one number."""

    name: str
    label: str
    modality: str
    example: str  # a sentence with a fictional value
    known: bool  # whether the district has imported the records that it needs


def readings(district: District) -> list[Reading]:
    """Every feature, in the model's order."""
    return [
        Reading(
            feature.name,
            feature.label,
            feature.modality,
            _example(feature, district),
            feature.needs in district.known,
        )
        for feature in FEATURES
    ]


def _example(feature: Feature, district: District) -> str:
    value = _EXAMPLES_OF.get(feature.name, _EXAMPLES[feature.unit])
    return statement(Factor(feature.name, value, None, "raises", 0.0), district.settings)


def cut_score(district: District) -> tuple[str, str]:
    """A score just under the highest risk level, exactly and as the pages show it."""
    below = district.settings.outcomes.tiers[-1] - 0.0005
    return f"{below:.4f}", tiers.in_words(below)


@dataclass(frozen=True)
class Tested:
    """How often the model was right at the top of its list, and how often the flags alone were.

    The list is as long as a counselor can support. The shares are of students on it who then had
    at least one flag, or at least two, in held-out weeks of real or fictional students.
    """

    students: int
    weeks: int  # student-weeks
    any_flag: float
    two_flags: float
    rule_any_flag: float
    rule_two_flags: float
    fictional: bool  # whether the students were


def tested(district: District) -> Tested | None:
    """The active model's own test; None if it has none, or if it could identify a few students."""
    try:
        metrics = registry.metrics_of(registry.active_version(district.settings, "risk"))
        fictional = all(each.is_demo for each in evaluations.tested_on(metrics))
        found = Comparison.model_validate(metrics["test"]).told(fictional)
        ours, rule = found.table["gru"], found.table["abc_rule"]
    except (MissingError, ModelError, KeyError, ValidationError):
        return None
    if found.few:
        return None
    return Tested(
        found.students,
        found.rows,
        ours.caseload_precision,
        ours.caseload_precision_high,
        rule.caseload_precision,
        rule.caseload_precision_high,
        fictional,
    )


def model_card(district: District) -> str | None:
    """The active model's card in Markdown; None if there is none."""
    try:
        card = registry.active_version(district.settings, "risk") / "card.md"
    except (MissingError, ModelError):
        return None
    return _without_title(card.read_text(encoding="utf-8")) if card.is_file() else None


def _without_title(card: str) -> str:
    """A card without its title, with every heading one level lower to fit below a section."""
    lines = card.strip().splitlines()
    body = lines[1:] if lines and lines[0].startswith("# ") else lines
    return "\n".join(f"#{line}" if line.startswith("#") else line for line in body).strip()
