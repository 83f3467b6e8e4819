"""What monitoring found and measured, and when a family was last due for training."""

from edupulse_core.config import Settings
from edupulse_core.families import shelf
from edupulse_core.store import alerts as kept
from edupulse_core.store import triggers as checks
from edupulse_core.store import watched
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import open_store
from edupulse_core.store.triggers import TriggerCheck
from edupulse_core.store.watched import Watched

FIGURES = {  # what is measured each night, in words
    "volume": "students with an answer",
    "latency": "seconds that scoring took",
    "score": "mean score",
    "label": "share with the level",
    "drift": "inputs that drift",
    "auc_estimate": "AUC to expect, before outcomes are known",
    "auc_estimate_error": "how far off that was",
    "auc": "AUC, by the outcomes that came",
    "mae": "mean error, by the outcomes that came",
    "accuracy": "share whose level was right",
    "fpr": "false alarms, of those without the outcome",
    "fnr": "misses, of those with the outcome",
    "coverage": "share within its band",
    "next_hit": "share whose next step was on the list",
    "rise": "rise of the share right on it",
    "brier": "Brier score of the odds, by the decisions that came",
}
REASONS = {  # to train again, in words
    "new_labels": "new outcomes",
    "age": "months since the last training",
    "error": "error now, against the usual one",
    "drift": "weeks with drift, of the last 4",
}
_IN_WORDS = {
    "auc": "AUC",
    "mae": "mean error",
    "accuracy": "accuracy",
    "fpr": "share of false alarms",
    "fnr": "share of misses",
    "coverage": "coverage of the bands",
    "next_hit": "share whose next step was on the list",
    "brier": "Brier score",
}


def alerts(
    settings: Settings, family: str | None = None, *, is_open: bool | None = None
) -> list[Alert]:
    """The alerts of a family, or of all; they name schools and inputs, never a student."""
    name = family and shelf.check_name(family)
    return kept.listed(open_store(settings), name, is_open=is_open)


def figures(settings: Settings, family: str, name: str | None = None) -> list[Watched]:
    """What was measured of a family, night by night, the newest first."""
    return watched.figures(open_store(settings), shelf.check_name(family), name=name)


def triggers(settings: Settings, family: str) -> list[TriggerCheck]:
    """The newest looks at the reasons to train a family again, the newest first."""
    return checks.listed(open_store(settings), shelf.check_name(family))


def sentence(alert: Alert) -> str:
    """What an alert says, in one sentence."""
    told = alert.details
    where = f" at {told.get('school', alert.school)}" if alert.school else ""
    if alert.kind == "drift":
        labels = shelf.family_named(alert.family).labels
        names = ", ".join(labels.get(name, name) for name in told["inputs"])
        return f"For two weeks now, these differ from what {alert.version} learned{where}: {names}."
    if alert.kind == "challenger":
        return (
            f"{told['challenger']}, which is tried beside {alert.version}, is damaged or gone, so "
            "nobody has its answers. Stop the experiment."
        )
    if alert.kind == "volume":
        return f"{told['students']:,} students have a score; usually {told['usual']:,.0f} do."
    if alert.kind == "estimated_auc":
        return (
            f"The scores spread less than before: expect an AUC of {told['now']:.2f} "
            f"instead of {told['before']:.2f}."
        )
    fell = (
        f"{_IN_WORDS.get(name, name)} {each['now']:.2f} instead of {each['before']:.2f}"
        for name, each in told["figures"].items()
    )
    return f"By the outcomes of the last weeks, {alert.version} does worse: {'; '.join(fell)}."
