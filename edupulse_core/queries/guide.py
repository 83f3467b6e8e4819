"""How to read each number, and the model in its own words."""

from dataclasses import dataclass

from edupulse_core.errors import MissingError, ModelError
from edupulse_core.features.catalogue import FEATURES
from edupulse_core.lifecycle import registry
from edupulse_core.queries.district import District


@dataclass(frozen=True)
class Reading:
    """How to read one number."""

    name: str
    label: str
    modality: str
    plain: str
    known: bool  # whether the district has imported the records that it needs


def readings(district: District) -> list[Reading]:
    """Every feature, in the model's order."""
    return [
        Reading(
            feature.name,
            feature.label,
            feature.modality,
            feature.plain.format(value="…"),
            feature.needs in district.known,
        )
        for feature in FEATURES
    ]


def model_card(district: District) -> str | None:
    """The active model's card, Markdown; None where there is none."""
    try:
        card = registry.active_version(district.settings, "risk") / "card.md"
    except (MissingError, ModelError):
        return None
    return _without_title(card.read_text(encoding="utf-8")) if card.is_file() else None


def _without_title(card: str) -> str:
    """A card under a page's own heading: its headings go down two levels."""
    lines = card.strip().splitlines()
    body = lines[1:] if lines and lines[0].startswith("# ") else lines
    return "\n".join(f"##{line}" if line.startswith("#") else line for line in body).strip()
