"""Risk scores: of one student, of several, of earlier weeks."""

import time
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from edupulse_core.actions import predictions as acts
from edupulse_core.actions.predictions import Prediction, Told
from edupulse_core.api.caller import V1, Counted, Here, Name, Reader, Responsible, bearer
from edupulse_core.api.meters import Meters
from edupulse_core.api.problems import documented
from edupulse_core.errors import InputError
from edupulse_core.queries.performance import performance

router = APIRouter(prefix=V1, tags=["predictions"], dependencies=[bearer])
NOT_ENOUGH = "Not enough data: the student has too few weeks with attendance or grades by that day."
Level = Literal["low", "medium", "high", "critical"]
FactorName = Literal[
    "attendance_pattern",
    "tardiness",
    "academic_performance",
    "grade_trajectory",
    "behavioral",
    "other",
]
TRAJECTORY = ("grd_gpa_change_4w", "grd_trend_8w")  # features of a change of grades
MODALITIES: dict[str, FactorName] = {
    "att": "attendance_pattern",
    "grd": "academic_performance",
    "dsc": "behavioral",
}


class DateRange(BaseModel):
    """The days that a question is about; only the last one counts."""

    start: date | datetime | None = None
    end: date | datetime | None = Field(None, description="The last day that may be known.")

    @property
    def day(self) -> date | None:
        """The last day."""
        return self.end.date() if isinstance(self.end, datetime) else self.end


class Question(BaseModel):
    """Who is asked about, and as of when."""

    student_id: Name = Field(description="users.sourcedId of the import.")
    date_range: DateRange | None = None
    include_factors: bool = True


class FlatQuestion(Question):
    """As a question, in the flat form."""

    include_confidence: bool = True
    include_historical_context: bool = False
    is_async: bool = Field(False, alias="async", description="Accepted; the answer comes at once.")


class BatchQuestion(BaseModel):
    """Several students, and how many of them are wanted."""

    student_ids: Annotated[list[Name], Field(max_length=1000)]
    top_k: int = Field(10, gt=0, le=1000, description="How many, the highest scores first.")


class FlatBatchQuestion(BaseModel):
    """Several students, in the flat form."""

    student_ids: Annotated[list[Name], Field(max_length=1000)]
    date_range: DateRange | None = None
    include_factors: bool = True
    include_confidence: bool = True
    include_historical_context: bool = False
    is_async: bool = Field(False, alias="async", description="Accepted; the answer comes at once.")


class RiskFactor(BaseModel):
    """One reason for a score."""

    factor: FactorName
    weight: float = Field(description="Its share of what all named reasons moved the score.")
    details: str
    direction: Literal["raises", "lowers"]
    feature: str
    value: float
    norm: float | None = Field(description="What is typical at the school that week.")


class Risk(BaseModel):
    """One student's risk."""

    risk_score: float
    risk_category: Level
    confidence: float | None = Field(description="The calibrated probability of the category.")
    risk_factors: list[RiskFactor] | None
    model_version: str
    id: str
    student_id: str
    prediction_date: datetime
    created_at: datetime


class RiskAnswer(BaseModel):
    """The answer about one student."""

    prediction: Risk
    contributing_factors: list[RiskFactor] | None
    timestamp: datetime


class RankedRisk(BaseModel):
    """One of the highest scores."""

    student_id: str
    risk_score: float
    risk_category: Level
    rank: int


class BatchAnswer(BaseModel):
    """The answer about several students."""

    predictions: list[RankedRisk]
    not_found: list[str] = Field(description="Unknown, or not the token's.")
    not_scored: list[str] = Field(description="Not enough data.")
    processing_time_ms: float


class PastScore(BaseModel):
    """What was said of a week."""

    prediction_date: datetime
    risk_score: float
    risk_category: Level
    model_version: str


class FlatAnswer(BaseModel):
    """The answer about one student, in the flat form."""

    student_id: str
    risk_score: float
    risk_category: Level
    confidence: float | None
    contributing_factors: list[RiskFactor] | None
    timestamp: datetime
    model_version: str
    prediction_date: datetime
    historical_context: list[PastScore] | None = None


class FlatBatchAnswer(BaseModel):
    """The answer about several students, in the flat form."""

    predictions: list[FlatAnswer]
    not_found: list[str]
    not_scored: list[str]
    processing_time_ms: float


class PastScores(BaseModel):
    """What was said of a student, the newest first."""

    predictions: list[PastScore]


class PerformanceMetrics(BaseModel):
    """How predictions did; null where no outcome is known, or of too few students."""

    precision_at_10: float | None = Field(
        description="Of each week's highest 10 percent, the share who then got a flag."
    )
    recall_at_10: float | None = Field(
        description="Of those who then got a flag, the share in that 10 percent."
    )
    average_lead_time_days: float | None = Field(
        description="From the first Medium or above to the first flag after it."
    )
    false_positive_rate: float | None = Field(
        description="Of those who then got no flag, the share who were Medium or above."
    )


class Coverage(BaseModel):
    """What the figures are made of."""

    total_students: int
    predictions_made: int
    outcomes_tracked: int


class MetricsAnswer(BaseModel):
    """How the nights' predictions did."""

    performance_metrics: PerformanceMetrics
    data_coverage: Coverage


@router.get("/metrics", responses=documented())
def metrics(
    who: Responsible,
    district: Here,
    start_date: date | None = None,
    end_date: date | None = None,
) -> MetricsAnswer:
    """How the nights' predictions did, by the outcomes that came; the last half year by default."""
    found = performance(who.looking(), district, start_date, end_date)
    return MetricsAnswer(
        performance_metrics=PerformanceMetrics(
            precision_at_10=found.precision_at_top,
            recall_at_10=found.recall_at_top,
            average_lead_time_days=found.lead_days,
            false_positive_rate=found.false_positive_rate,
        ),
        data_coverage=Coverage(
            total_students=found.total_students,
            predictions_made=found.predictions_made,
            outcomes_tracked=found.outcomes_tracked,
        ),
    )


@router.post("/predict", responses=documented(400, 404, 413))
def predict(asked: Question, who: Reader, district: Here, counted: Counted) -> RiskAnswer:
    """The risk of one student."""
    found = _one(asked, who, district, counted)
    told = _factors(found.reasons) if asked.include_factors else None
    risk = Risk(
        risk_score=found.score,
        risk_category=_level(found.level),
        confidence=found.confidence,
        risk_factors=told,
        model_version=found.version,
        id=found.prediction_id,
        student_id=found.student_id,
        prediction_date=_midnight(found.as_of),
        created_at=found.made_at,
    )
    return RiskAnswer(prediction=risk, contributing_factors=told, timestamp=datetime.now(UTC))


@router.post("/predict/batch", responses=documented(400, 413))
def predict_batch(
    asked: BatchQuestion, who: Reader, district: Here, counted: Counted
) -> BatchAnswer:
    """The risk of several students: those with the highest scores, in order."""
    began = time.perf_counter()
    said = acts.predict(who, district, asked.student_ids, explained=False)
    _count(counted, said.found)
    best = sorted(said.found, key=lambda one: (-one.score, one.student_id))[: asked.top_k]
    ranked = [
        RankedRisk(
            student_id=one.student_id,
            risk_score=one.score,
            risk_category=_level(one.level),
            rank=place,
        )
        for place, one in enumerate(best, 1)
    ]
    return BatchAnswer(
        predictions=ranked,
        not_found=list(said.not_found),
        not_scored=list(said.not_scored),
        processing_time_ms=_since(began),
    )


@router.post("/predictions/predict", responses=documented(400, 404, 413))
def predict_flat(asked: FlatQuestion, who: Reader, district: Here, counted: Counted) -> FlatAnswer:
    """The risk of one student, in the flat form."""
    answer = _flat(asked, _one(asked, who, district, counted))
    if asked.include_historical_context:
        past = acts.history(who, district, asked.student_id)
        answer.historical_context = [_past(one) for one in past]
    return answer


@router.post("/predictions/predict-batch", responses=documented(400, 413))
def predict_flat_batch(
    asked: FlatBatchQuestion, who: Reader, district: Here, counted: Counted
) -> FlatBatchAnswer:
    """The risk of several students, in the flat form and the order of the question."""
    began = time.perf_counter()
    day = asked.date_range.day if asked.date_range else None
    said = acts.predict(who, district, asked.student_ids, day, explained=asked.include_factors)
    _count(counted, said.found)
    return FlatBatchAnswer(
        predictions=[_flat(asked, one) for one in said.found],
        not_found=list(said.not_found),
        not_scored=list(said.not_scored),
        processing_time_ms=_since(began),
    )


@router.get("/predictions/history/{student_id:path}", responses=documented(404))
def history(
    student_id: Name,
    who: Reader,
    district: Here,
    days: Annotated[int, Query(ge=1, le=3660)] = 365,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> PastScores:
    """What was said of a student, the newest week first."""
    past = acts.history(who, district, student_id, days=days, limit=limit)
    return PastScores(predictions=[_past(one) for one in past])


def _one(asked: Question, who: Reader, district: Here, counted: Meters) -> Prediction:
    day = asked.date_range.day if asked.date_range else None
    found = acts.predict_one(who, district, asked.student_id, day)
    if found is None:
        raise InputError(NOT_ENOUGH)
    _count(counted, (found,))
    return found


def _flat(asked: FlatQuestion | FlatBatchQuestion, found: Prediction) -> FlatAnswer:
    return FlatAnswer(
        student_id=found.student_id,
        risk_score=found.score,
        risk_category=_level(found.level),
        confidence=found.confidence if asked.include_confidence else None,
        contributing_factors=_factors(found.reasons) if asked.include_factors else None,
        timestamp=datetime.now(UTC),
        model_version=found.version,
        prediction_date=_midnight(found.as_of),
    )


def _factors(reasons: tuple[Told, ...]) -> list[RiskFactor]:
    whole = sum(abs(one.factor.attribution) for one in reasons) or 1.0
    return [
        RiskFactor(
            factor=name_of(one.factor.feature),
            weight=round(abs(one.factor.attribution) / whole, 4),
            details=one.sentence,
            direction="raises" if one.factor.direction == "raises" else "lowers",
            feature=one.factor.feature,
            value=one.factor.value,
            norm=one.factor.norm,
        )
        for one in reasons
    ]


def name_of(feature: str) -> FactorName:
    """The word that clients know a feature by."""
    if "tard" in feature:
        return "tardiness"
    if feature in TRAJECTORY:
        return "grade_trajectory"
    return MODALITIES.get(feature[:3], "other")


def _past(one: Prediction) -> PastScore:
    return PastScore(
        prediction_date=_midnight(one.as_of),
        risk_score=one.score,
        risk_category=_level(one.level),
        model_version=one.version,
    )


def _level(level: str) -> Level:
    found: Level = level  # type: ignore[assignment]
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _count(counted: Meters, found: tuple[Prediction, ...]) -> None:
    stored = sum(one.is_stored for one in found)
    counted.told(stored=stored, computed=len(found) - stored)


def _since(began: float) -> float:
    return round(1000 * (time.perf_counter() - began), 2)
