"""The model card: what the risk model does, how it was made, how well it does, and its limits."""

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from edupulse_core.config import SMALLEST
from edupulse_core.families.risk import report as risk_report
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.learned import BLEND, BOOSTING, LOGISTIC, NETWORK
from edupulse_core.families.risk.results import PREDICTORS, Comparison


def write(
    model: RiskModel,
    version: str,
    reports: Mapping[str, Comparison],
    *,
    data: str,
    measured: str,
    limits: str,
    command: str,
    reproduce: str,
) -> str:
    """The card in Markdown. reports: where -> what `risk_report.report` found there."""
    history = model.metrics["history"]
    losses = [epoch["validation_loss"] for epoch in history]
    is_network = model.algorithm == NETWORK
    return _TEMPLATES.get_template("card.md.jinja").render(
        version=version,
        algorithm=model.algorithm,
        config=model.config if is_network else None,
        parameters=sum(p.numel() for p in model.network.parameters()) if is_network else 0,
        data=data,
        first=model.data_range[0],
        last=model.data_range[1],
        rows=model.metrics["training"]["rows"],
        epochs=len(history),
        best=losses.index(min(losses)) + 1,
        reports=reports,
        measured=measured,
        limits=limits,
        command=command,
        reproduce=reproduce,
    )


def _came(found: Comparison) -> str:
    """How often the predicted outcomes followed, or why that is hidden."""
    if found.few:
        return f"Shares of weeks are hidden for privacy (under {SMALLEST})."
    rates = found.base_rates
    return (
        f"Any flag followed {rates.any_flag:.1%} of\nthese weeks; High or Critical followed "
        f"{rates.high:.1%}."
    )


_TEMPLATES = Environment(  # of Markdown, which nothing escapes: pages show it as text
    loader=PackageLoader("edupulse_core.families.risk", "."),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
)
_TEMPLATES.globals["built"] = {  # algorithm → how, in a sentence
    BOOSTING: (
        "Gradient boosting (scikit-learn) on the last week of each\nfeature, and on its mean, "
        "spread, range and slope over all weeks, kept as ONNX trees."
    ),
    LOGISTIC: (
        "Logistic regression on the last week of each feature and on\nits mean over all weeks: one "
        "for the score, one for the four risk levels."
    ),
    BLEND: (
        "The mean of several models, each calibrated: their scores in\nlog odds, and their "
        "probabilities of each risk level. `blend.json` names them."
    ),
}
_TEMPLATES.filters |= {
    "came": _came,
    "table": risk_report.markdown_table,
    "differences": risk_report.differences_in_words,
    "predictor": PREDICTORS.__getitem__,
}
