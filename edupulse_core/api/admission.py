"""Odds of admission for twelve numbers of an application and a program."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from edupulse_core.actions import admission as acts
from edupulse_core.actions.admission import Odds
from edupulse_core.api.caller import V1, Home, Reader, Text, bearer
from edupulse_core.api.problems import documented
from edupulse_core.families.admission import sayings
from edupulse_core.families.admission.examples import RANGES

router = APIRouter(prefix=f"{V1}/admission", tags=["admission"], dependencies=[bearer])
Number = Annotated[float | None, Field(allow_inf_nan=False)]


def _ranges(schema: dict[str, Any]) -> None:
    """Tell of the ranges, which the action checks."""
    for name, (low, high) in RANGES.items():
        schema["properties"][name] |= {"minimum": low, "maximum": high}


class Application(BaseModel):
    """The twelve numbers; what is not sent is not known. Nothing of who applies is taken.

    At least one number must say something of the student: one of the first eight, or the last.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra=_ranges)

    gpa: Number = None
    test_score: Number = None
    language_score: Number = None
    statement: Number = None
    letters: Number = None
    research: Number = None
    extracurriculars: Number = None
    rank_in_class: Number = None
    program_tier: Number = None
    minimum_gpa: Number = None
    admit_rate: Number = None
    gpa_minus_minimum: Number = Field(
        None, description="Worked out from gpa and minimum_gpa where both are sent."
    )


class Interval(BaseModel):
    """How far few past cases leave the odds open; docs/sisters.md says how often it holds them."""

    low: float
    high: float


class Weight(BaseModel):
    """What one input does here."""

    feature: str
    importance: float = Field(
        description="The probability, less what it would be with the value that is usual."
    )
    rank: int


class OddsAnswer(BaseModel):
    """The odds of one application."""

    probability: float
    interval: Interval
    category: str = Field(description="reach, match or likely")
    importance: list[Weight] = Field(description="The largest first.")
    model_version: str
    warning: str


class Batch(BaseModel):
    """Several applications."""

    model_config = ConfigDict(extra="forbid")

    applications: list[Application] = Field(max_length=1000)


class BatchAnswer(BaseModel):
    """The odds of each, in the order of the question."""

    predictions: list[OddsAnswer]
    model_version: Text | None


@router.post("/predict", responses=documented(404, 413))
def predict_admission(asked: Application, settings: Home, who: Reader) -> OddsAnswer:
    """The odds of one application."""
    return _answer(acts.odds_of(who, settings, [asked.model_dump()])[0])


@router.post("/predict/batch", responses=documented(404, 413))
def predict_admissions(asked: Batch, settings: Home, who: Reader) -> BatchAnswer:
    """The odds of several applications."""
    found = acts.odds_of(who, settings, [each.model_dump() for each in asked.applications])
    version = found[0].version if found else None
    return BatchAnswer(predictions=[_answer(each) for each in found], model_version=version)


def _answer(found: Odds) -> OddsAnswer:
    ranked = sorted(found.effects.items(), key=lambda each: -abs(each[1]))
    return OddsAnswer(
        probability=found.chance,
        interval=Interval(low=found.low, high=found.high),
        category=found.kind,
        importance=[
            Weight(feature=name, importance=round(size, 6), rank=place)
            for place, (name, size) in enumerate(ranked, 1)
        ],
        model_version=found.version,
        warning=found.note + sayings.WARNING,
    )
