"""The model card: what the risk model is, how it was made, how well it does, and what it is not."""

from edupulse_core.config import SMALLEST
from edupulse_core.families.risk import report as risk_report
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.results import Comparison

CARD = """# Risk model {version}

**What it says.** For a student, as of the end of an instructional week: the expected severity
(0 to 1) of the next 9 instructional weeks, where absence of 10 % or more adds 0.3, a removal or two
incidents add 0.3, a course under 60 % adds 0.4, and dropping out makes it 1. The tier is the
score's band. A second output gives the probability of each tier.

**What it reads.** The last 20 weeks of 42 features: attendance (14), grades (15), discipline (13).
It never reads race, ethnicity, sex, language, disability or meal status. Unknown values are set to
the training mean. Under 4 weeks of history there is no score.

**How it is built.** For each of the three modalities a {layers}-layer bidirectional GRU of
{hidden} units a direction; {heads}-head attention of the last week over all weeks; a fusion layer
and two heads. {parameters:,} parameters. Scores are calibrated on validation rows with a monotone
map that keeps the order of students.{cross}

## Data

{data}

As-of weeks of the training rows: {first} to {last}; {rows:,} rows. Training stopped after epoch
{epochs}, the best being {best}.

{evaluation}

## Measured besides

Measured once the version stood, as the Evidence page, the page of `edupulse evaluate risk` and
`docs/measured.md` show in full; each command measures it again.

{measured}

## Limits

{limits}
* It predicts; it does not say what would help. Lead with the indicators, let the score sort.
* A score is as good as the week's data: a silent attendance feed looks like a quiet week.
* Few students reach *critical* by score, since an expected severity of 0.75 takes near certainty of
  two flags or more. Read the tier as urgency, not as a forecast of the exact outcome.
* It must not decide grading, placement, discipline or admission.

## How to make it again

`{command}`. {reproduce}
"""

CROSS = """ Before the
weeks are compared, the modalities of each week attend to each other ({heads} heads), with a
residual connection and layer normalisation."""

EVALUATION = """## Held-out results: {where}

{rows:,} student-weeks of {students:,} students, {start} to {end}. {came} \
Every predictor saw the same rows; these were scored
once.

{table}

Network less best baseline, with 95 % intervals, resampling whole students:

{differences}
{ceiling}"""


def write(
    model: RiskModel,
    version: str,
    reports: dict[str, Comparison],
    *,
    data: str,
    measured: str,
    limits: str,
    command: str,
    reproduce: str,
) -> str:
    """The card in Markdown. reports: where -> what `risk_report.report` found there."""
    history, cross = model.metrics["history"], model.config.cross_heads
    losses = [epoch["validation_loss"] for epoch in history]
    return CARD.format(
        version=version,
        layers=model.config.layers,
        hidden=model.config.hidden,
        heads=model.config.heads,
        parameters=sum(p.numel() for p in model.network.parameters()),
        cross=CROSS.format(heads=cross) if cross else "",
        data=data,
        first=model.data_range[0],
        last=model.data_range[1],
        rows=model.metrics["training"]["rows"],
        epochs=len(history),
        best=losses.index(min(losses)) + 1,
        evaluation="\n".join(_evaluation(where, found) for where, found in reports.items()),
        measured=measured,
        limits=limits,
        command=command,
        reproduce=reproduce,
    )


def _evaluation(where: str, found: Comparison) -> str:
    return EVALUATION.format(
        where=where,
        rows=found.rows,
        students=found.students,
        start=found.weeks[0],
        end=found.weeks[1],
        came=_came(found),
        table=risk_report.markdown_table(found),
        differences=risk_report.differences_in_words(found),
        ceiling=_ceiling(found.share_of_way_from_abc_to_ceiling),
    )


def _came(found: Comparison) -> str:
    if found.few:
        return f"Shares of weeks are hidden: they would tell of fewer than {SMALLEST} students."
    rates = found.base_rates
    return f"{rates.any_flag:.1%} came to at least\none flag, {rates.high:.1%} to high or critical."


def _ceiling(shares: dict[str, dict[str, float]] | None) -> str:
    if shares is None:
        return ""
    lines = [
        f"* {name}: {row['auc_any']:.0%} for any flag, {row['auc_high']:.0%} for high or critical"
        for name, row in shares.items()
    ]
    return (
        "\nThe ceiling is the simulation's own oracle, which knows each student's hidden state. "
        "Share of the\nway from the ABC rule to it, in AUC:\n\n" + "\n".join(lines) + "\n"
    )
