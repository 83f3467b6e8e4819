"""What an evaluation of a version found, and its pictures."""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from edupulse_core.actions import evaluations as acts
from edupulse_core.api.caller import MODELS, Home, Keeper, Name, bearer
from edupulse_core.api.models import Weighed, weighed
from edupulse_core.api.problems import documented
from edupulse_core.queries import models

router = APIRouter(prefix=f"{MODELS}/evaluate", tags=["model training"], dependencies=[bearer])
Plot = Literal["confusion_matrix", "roc_curve", "feature_importance", "calibration"]
AT = MODELS + "/evaluate/{model}/plots/{plot}.png"


class Results(BaseModel):
    """What an evaluation found. Figures of few students are hidden: null."""

    model_id: str
    evaluation_date: datetime
    metrics: dict[str, Any]
    performance_by_category: dict[str, dict[str, float]] | None
    calibration_score: float | None
    calibration_bins: list[dict[str, float]] | None
    feature_importance: list[Weighed]
    confusion_matrix_plot: str
    roc_curve_plot: str
    feature_importance_plot: str
    calibration_plot: str


@router.get("/{model_id}/results", responses=documented(404))
def results(model_id: Name, settings: Home, who: Keeper) -> Results:
    """What the newest evaluation of a version found."""
    found = models.version(settings, model_id)
    report = acts.show_evaluation(who, settings, found)
    told = models.classified(settings, found)
    bins = getattr(report, "bins", ())
    figures = {name: value for name, value in report if isinstance(value, int | float)}
    return Results(
        model_id=found.name,
        evaluation_date=report.evaluated_at,
        metrics=figures,
        performance_by_category=told["classification_report"],
        calibration_score=figures.get("ece"),
        calibration_bins=[part.model_dump() for part in bins] or None,
        feature_importance=weighed(models.importance(settings, found)),
        confusion_matrix_plot=AT.format(model=found.name, plot="confusion_matrix"),
        roc_curve_plot=AT.format(model=found.name, plot="roc_curve"),
        feature_importance_plot=AT.format(model=found.name, plot="feature_importance"),
        calibration_plot=AT.format(model=found.name, plot="calibration"),
    )


@router.get(
    "/{model_id}/plots/{plot}.png",
    response_class=Response,
    responses={
        **documented(404),
        200: {"content": {"image/png": {}}, "description": "A picture."},
    },
)
def picture(model_id: Name, plot: Plot, settings: Home, who: Keeper) -> Response:
    """A picture of the newest evaluation of a version."""
    found = models.version(settings, model_id)
    return Response(acts.draw_evaluation(who, settings, found, plot), media_type="image/png")
