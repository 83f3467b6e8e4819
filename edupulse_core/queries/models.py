"""The versions of every family, for whoever looks after the models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, MissingError
from edupulse_core.families import shelf
from edupulse_core.families import version as folders
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.risk.levels import LevelRates
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.version import Header
from edupulse_core.lifecycle import evaluations, experiments, registry
from edupulse_core.training import plans

PLAN = "plan.json"
CHAMPION, CHALLENGER = "champion", "challenger"
LOWER = ("mae", "rmse", "ece")  # metrics that are better when lower


@dataclass(frozen=True)
class Version:
    """One version of a family, and whether it serves."""

    family: str
    name: str
    about: Header
    metrics: Mapping[str, Any]  # as they were saved with it
    plan: Mapping[str, Any]
    is_active: bool
    has_served: bool  # before another took its place
    is_tried: bool = False  # beside the one that serves

    @property
    def alias(self) -> str | None:
        """As a registry says it: champion serves, challenger is tried beside it."""
        tried = CHALLENGER if self.is_tried else None
        return CHAMPION if self.is_active else tried

    @property
    def headline(self) -> dict[str, float]:
        """The few figures that stand for it."""
        found: dict[str, float] = self.metrics.get("headline", {})
        return found

    @property
    def training(self) -> dict[str, Any]:
        """What it was trained with."""
        found: dict[str, Any] = self.metrics.get("training", {})
        return found

    @property
    def no_better(self) -> str:
        """Why it is of no use, as found when it was trained; empty for any other one."""
        return str(self.metrics.get(registry.NO_BETTER, ""))

    def as_json(self) -> dict[str, Any]:
        """What `edupulse versions --json` prints of it."""
        made = self.metrics.get("made", {})
        return {
            "version": self.name,
            "alias": self.alias,
            "algorithm": self.about.algorithm or algorithms(self.family)[0],
            "training_date": self.about.created_at or None,
            "rows": self.training.get("rows"),
            "data_range": [*self.about.data_range],
            "metrics": self.headline,
            "code_version": made.get("code_version") or None,
            "parent": made.get("parent") or None,
            "version_tag": made.get("version_tag") or None,
            "notes": made.get("notes") or None,
        }


def versions(settings: Settings, family: str | None = None) -> list[Version]:
    """All versions of a family, or of every family, the newest first; damaged ones are left out."""
    names = [shelf.check_name(family)] if family is not None else list(shelf.SHELF)
    found = []
    for name in names:
        for folder in registry.versions(settings, name):
            try:
                found.append(_version(settings, name, folder))
            except InputError:
                continue  # it cannot serve; the command line says why
    return sorted(found, key=lambda each: (each.about.created_at, each.name), reverse=True)


def version(settings: Settings, name: str) -> Version:
    """One version by its name, unique over families; MissingError if there is none."""
    for family in shelf.SHELF:
        for folder in registry.versions(settings, family):
            if folder.name == name:
                return _version(settings, family, folder)
    raise MissingError(f"there is no version {name!r}")


def is_served(settings: Settings, family: str) -> bool:
    """Whether a version of a family serves, even if it turns out to be damaged."""
    return registry.has_version(settings, family)


def weakness(settings: Settings, family: str) -> str:
    """Why the version that serves is of no use, a sentence; empty where it is, or none serves."""
    try:
        serving = registry.chosen_version(settings, family).name
    except InputError:
        return ""
    return registry.no_better(settings, family, serving)


def is_trained(settings: Settings, family: str) -> bool:
    """Whether there is a version of a family, even one that does not serve."""
    return bool(registry.versions(settings, family))


def evaluation(settings: Settings, found: Version) -> Evaluation:
    """The kept evaluation of a version; MissingError if it was never evaluated here."""
    shape = shelf.family_named(found.family).evaluation
    kept = evaluations.kept(settings, found.family, found.name, shape)
    if kept is None:
        raise MissingError(
            f"{found.name} was never evaluated here: run `edupulse evaluate {found.family} "
            f"{found.name}`, or POST /api/v1/model-training/evaluate/{found.name}"
        )
    return kept


def _version(settings: Settings, family: str, folder: Path) -> Version:
    about = folders.check(folder)
    metrics = registry.metrics_of(folder)
    plan = files.read(folder / PLAN, "") if (folder / PLAN).is_file() else {}
    try:
        active = registry.chosen_version(settings, family).name
    except MissingError:
        active = ""
    served = {each.previous for each in registry.history(settings, family)}
    tried = experiments.running(settings, family)
    return Version(
        family=family,
        name=folder.name,
        about=about,
        metrics=metrics,
        plan=plan or metrics.get("training", {}),
        is_active=folder.name == active,
        has_served=folder.name != active and folder.name in served,
        is_tried=tried is not None and tried.challenger == folder.name,
    )


def best(found: Sequence[Version], metric: str) -> str:
    """Which of some versions does best in a metric of their family."""
    known = shelf.family_named(found[0].family).metrics.get(metric)
    lower = not known.higher_is_better if known else metric in LOWER
    figures = {one.name: float(one.headline[metric]) for one in found}
    return min(figures, key=lambda name: figures[name] if lower else -figures[name])


def algorithms(family: str) -> tuple[str, ...]:
    """What a family can train, its default first."""
    return tuple(shelf.family_named(family).algorithms)


def plan_keys(family: str, algorithms: str) -> frozenset[str]:
    """The fields of the plans of some algorithms, by commas; of the first if there are none."""
    known = shelf.family_named(family).algorithms
    names = algorithms.split(",") if algorithms else [next(iter(known))]
    return frozenset(key for name in names for key in plans.keys(known[name].plan()))


def usual_minutes(settings: Settings, family: str, algorithms: str, trainings: int) -> float | None:
    """About how long so many trainings take, as the newest version of each algorithm took.

    algorithms: by commas; none: the first.  None where one of them was never trained here.
    """
    names = algorithms.split(",") if algorithms else [first_algorithm(family)]
    known: dict[str, float] = {}
    for each in reversed(versions(settings, family)):  # the newest last
        if (seconds := each.training.get("seconds")) is not None:
            known[each.about.algorithm] = float(seconds)
    if not all(name in known for name in names):
        return None
    return round(max(0.1, sum(known[name] for name in names) * trainings / 60), 1)


def metrics(family: str) -> tuple[str, ...]:
    """What a family is measured by."""
    return tuple(shelf.family_named(family).metrics)


def can_resplit(family: str) -> bool:
    """Whether a training may hold out other shares of the students."""
    return shelf.family_named(family).resplit is not None


def first_algorithm(family: str) -> str:
    """The algorithm of a version that names none."""
    return algorithms(family)[0]


def importance(settings: Settings, found: Version) -> dict[str, float] | None:
    """What a version weighs, the largest first; None until it was evaluated here."""
    try:
        report = evaluation(settings, found)
    except InputError:
        return None
    told = getattr(report, "importance", None)
    sizes: dict[str, float] = {}
    if isinstance(told, Mapping):
        sizes = {str(name): float(each) for name, each in told.items()}
    elif isinstance(report, RiskEvaluation) and report.importance:
        gradient = report.importance.gradient
        sizes = gradient.get("feature") or gradient.get("group") or {}
    return dict(sorted(sizes.items(), key=lambda each: -each[1])) or None


def classified(settings: Settings, found: Version) -> dict[str, Any]:
    """A version as a classifier: accuracy, precision and so on, null where not known.

    From its evaluation here; else from its own test, or the fictional students that a shipped
    version was tested on.
    """
    training, head = found.training, found.headline
    confusion, rates = _counted(settings, found)
    scores = found.metrics.get("cv_scores")
    told = {
        name: head.get(name, _mean([each.get(short) for each in rates.values()]))
        for name, short in (("precision", "precision"), ("recall", "recall"), ("f1_score", "f1"))
    }
    return {
        "accuracy": head.get("accuracy"),
        **told,
        "auc_roc": head.get("auc_roc", head.get("score_auc_any")),
        "confusion_matrix": confusion,
        "classification_report": rates or None,
        "cv_scores": scores,
        "cv_mean": _mean(scores or []),
        "cv_std": found.metrics.get("cv_std"),
        "training_time_seconds": training.get("seconds", found.metrics.get("seconds")),
    }


def _counted(settings: Settings, found: Version) -> tuple[Any, dict[str, dict[str, float]]]:
    """How often each class was said and came, and how right each is; None and none if hidden."""
    try:
        report = evaluation(settings, found)
    except InputError:
        report = None
    if isinstance(report, RiskEvaluation):
        shown = report.tiers.shown
        return shown.confusion, {"+".join(one.level): _rates(one) for one in shown.by_level}
    if report is not None:
        counts, rates = getattr(report, "confusion", None), getattr(report, "classes", None)
        is_table = isinstance(counts, list) and all(isinstance(row, list) for row in counts)
        return counts if is_table else None, rates if isinstance(rates, dict) else {}
    if _is_fictional(found) and "validation" in found.metrics:
        saved = found.metrics["validation"]
        return saved.get("confusion"), saved.get("tiers", {})
    return None, {}


def _is_fictional(found: Version) -> bool:
    tested = evaluations.tested_on(found.metrics)
    return bool(tested) and all(each.is_demo for each in tested)


def _rates(one: LevelRates) -> dict[str, float]:
    values = {"precision": one.precision, "recall": one.recall, "f1": one.f1}
    return {name: each.value for name, each in values.items() if each.value is not None}


def _mean(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return round(sum(known) / len(known), 6) if known else None
