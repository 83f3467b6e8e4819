"""An evaluation of a family that has no report of its own: every figure, as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.family import Metric
from edupulse_core.reports import benchmarks, figures
from edupulse_core.reports.blocks import Block, Check, Section, Table, Text

SAID = {
    "auc": "AUC",
    "bleu": "BLEU",
    "bleu_recorded": "BLEU against recorded paths",
    "auc_any": "AUC of the level probabilities, any flag",
    "auc_high": "AUC of the level probabilities, High or Critical",
    "ece": "Calibration error (ECE)",
    "f1": "F1",
    "mae": "Mean absolute error",
    "r2": "R²",
    "rmse": "Root mean squared error",
    "hr": "Hit rate",
    "ndcg": "NDCG",
    "mrr": "Mean reciprocal rank",
    "history_lr": "Logistic regression on history",
    "best_lr": "Best-LR",
    "pfa": "PFA",
    "bkt": "BKT",
    "dkt": "DKT",
    "dkt_plus": "DKT+",
    "ease": "EASE",
    "item_knn": "Item-kNN",
    "ncf": "NCF",
    "seq2seq": "Sequence to sequence",
    "ngram_ridge": "N-gram ridge",
    "followed": "Steps that students took by themselves",
    "coverage": "Share within the range",
    "coverage_goal": "Share within the range, goal",
    "chosen": "Settings chosen on validation data",
    "covered": "Share within its range",
    "next_hit": "The next one was on the list",
}
MODEL = "This model"
COUNTED = ("rows", "students", "weeks")  # of a test: said above it
BESIDE = {"test", "few"}  # read elsewhere, or no figure


def facts(found: Evaluation, whose: str) -> dict[str, str]:
    """What was evaluated, on which cases, and when.  whose: the family's."""
    district = found.evaluated_on.district or "This district"
    return {
        "District": district + (" (fictional)" if found.evaluated_on.is_demo else ""),
        "Evaluated": figures.day(found.evaluated_at),
        "Cases": f"{found.rows:,} of {found.students:,} {whose}, {figures.weeks(found.weeks)}",
    }


def sections(
    found: Evaluation,
    labels: Mapping[str, Metric],
    measured: Sequence[Mapping[str, Any]] = (),
) -> list[Section]:
    """The goals, the few figures, and everything else that was measured."""
    own = {
        name: value
        for name, value in found.model_dump(mode="json").items()
        if name not in Evaluation.model_fields and name not in BESIDE
    }
    plain = {name: value for name, value in own.items() if _is_figure(value)}
    rest = {name: value for name, value in own.items() if name not in plain}
    checks: list[Block] = [Check(each.met, each.goal, each.found) for each in found.aims]
    head: list[Block] = [*checks, *_table("On cases that it has not seen", plain, labels)]
    parts = [
        Section(f"own-{name}", words(name, labels), blocks)
        for name, value in rest.items()
        if (blocks := _blocks(words(name, labels), value, labels))
    ]
    about = found.model_dump(mode="json").get("test")
    if isinstance(about, dict):
        parts += _compared(about, plain, labels)
    return [Section("own", "How well it does", head), *parts, *benchmarks.sections(measured)]


def confusion(found: Evaluation) -> list[list[int]] | None:
    """How often each class (down) followed each prediction (across); None if not counted."""
    tested = getattr(found, "test", None)
    inner = tested.get("confusion") if isinstance(tested, Mapping) else None
    counts: list[list[int]] | None = getattr(found, "confusion", None) or inner
    return counts if counts and isinstance(counts[0], list) else None


def words(name: str, labels: Mapping[str, Metric]) -> str:
    """The name of a figure as people read it."""
    known = labels.get(name)
    return known.label if known else SAID.get(name) or figures.sentence(name.replace("_", " "))


def _compared(
    about: Mapping[str, Any], own: Mapping[str, Any], labels: Mapping[str, Metric]
) -> list[Section]:
    """Simpler methods on the same cases, and what else was counted there."""
    rest = {name: value for name, value in about.items() if name not in COUNTED}
    ways = rest.pop("beside", None) or rest.pop("methods", None) or {}
    if isinstance(ways, list):
        ways = {each.get("way", each.get("method")): each for each in ways}
    ways = {MODEL: own} | {name: each for name, each in ways.items() if name != "model"}
    names = list(dict.fromkeys(name for each in list(ways.values())[1:] for name in each))
    names = [name for name in names if name not in ("way", "method")]
    rows = [
        [words(way, labels), *(cell(each.get(name)) for name in names)]
        for way, each in ways.items()
    ]
    head = ("Method", *(words(name, labels) for name in names))
    compared: list[Block] = [Table("On the same cases", head, rows)] if names else []
    further = _blocks("Further figures", rest, labels)
    parts = (("own-test", "Compared with simpler methods", compared), ("own-rest", "More", further))
    return [Section(key, title, blocks) for key, title, blocks in parts if blocks]


def _blocks(title: str, value: Any, labels: Mapping[str, Metric]) -> list[Block]:
    """A value that is no single figure, as tables."""
    if isinstance(value, str):
        return [Text(value)] if value else []
    if isinstance(value, dict):
        return _of_mapping(title, value, labels)
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        names = list(dict.fromkeys(name for each in value for name in each))
        simple = [name for name in names if all(_is_cell(each.get(name)) for each in value)]
        head = tuple(words(name, labels) for name in simple)
        rows = [[cell(each.get(name)) for name in simple] for each in value]
        return [Table(title, head, rows)] if simple else []
    return []


def _of_mapping(title: str, value: dict[str, Any], labels: Mapping[str, Metric]) -> list[Block]:
    inner = {name: each for name, each in value.items() if isinstance(each, dict)}
    flat = {name: each for name, each in inner.items() if all(map(_is_cell, each.values()))}
    found = _table(title, {n: v for n, v in value.items() if _is_figure(v)}, labels)
    if flat:
        names = list(dict.fromkeys(name for each in flat.values() for name in each))
        head = ("", *(words(name, labels) for name in names))
        rows = [
            [words(name, labels), *(cell(each.get(column)) for column in names)]
            for name, each in flat.items()
        ]
        found.append(Table(title, head, rows))
    for name, each in value.items():
        if (name in inner and name not in flat) or isinstance(each, list):
            found += _blocks(f"{title}: {words(name, labels)}", each, labels)
    return found


def _table(title: str, value: Mapping[str, Any], labels: Mapping[str, Metric]) -> list[Block]:
    rows = [[words(name, labels), cell(each)] for name, each in value.items()]
    return [Table(title, ("Figure", "Value"), rows)] if rows else []


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_cell(value: Any) -> bool:
    return value is None or isinstance(value, int | float | str)


def cell(value: Any) -> str:
    """One value of a table."""
    if value is None:
        return figures.NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return str(value)
    size = abs(value)
    return f"{value:,.0f}" if size >= 1000 else f"{value:.2g}" if size < 0.001 else f"{value:.3f}"
