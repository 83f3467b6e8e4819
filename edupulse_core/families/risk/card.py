"""The model card: what the risk model is, how it was made, how well it does, and what it is not."""

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from edupulse_core.config import SMALLEST
from edupulse_core.families.risk import report as risk_report
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.results import Comparison


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
    return _TEMPLATES.get_template("card.md.jinja").render(
        version=version,
        config=model.config,
        parameters=sum(p.numel() for p in model.network.parameters()),
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
    """How often what is predicted came, or why that is not told."""
    if found.few:
        return f"Shares of weeks are hidden for privacy (under {SMALLEST})."
    rates = found.base_rates
    return f"{rates.any_flag:.1%} came to at least\none flag, {rates.high:.1%} to high or critical."


_TEMPLATES = Environment(  # of Markdown, which nothing escapes: pages show it as text
    loader=PackageLoader("edupulse_core.families.risk", "."),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
)
_TEMPLATES.filters |= {
    "came": _came,
    "table": risk_report.markdown_table,
    "differences": risk_report.differences_in_words,
}
