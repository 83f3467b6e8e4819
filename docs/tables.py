"""The tables in the documents: made from the code and the kept figures, written in place by cog."""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typer

from edupulse_core import config, rules
from edupulse_core.cli import app
from edupulse_core.features import learner
from edupulse_core.features.catalogue import FEATURES, MODALITIES
from edupulse_core.warehouse import oneroster, sources

HERE = Path(__file__).parent
REPOSITORY = HERE.parent
RISK = REPOSITORY / "models" / "risk"
HEADLINES = {
    "score_auc_any": "any flag: AUC",
    "score_auc_high": "High or Critical: AUC",
    "caseload_precision": "any flag: came true for this share of the top 25 in 300",
    "caseload_precision_high": "High or Critical: the same",
    "accuracy": "the likeliest risk level came true",
    "ece": "average gap between score and outcome",
}
PREDICTORS = {
    "gru": "the shipped model",
    "boosting": "boosting",
    "logistic": "logistic regression",
    "abc_rule": "flags A, B and C alone",
    "ceiling": "the best possible here",
}


def table(
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str] | None = None,
    *,
    are_figures: bool = True,
) -> str:
    """Rows as a Markdown table; names: the columns to show, each under its heading.

    are_figures: whether .5 is written for 0.5.
    """
    names = names or {name: name for row in rows for name in row}
    lines = [list(names.values()), ["---"] * len(names)]
    lines += [[_cell(row.get(name), are_figures) for name in names] for row in rows]
    return "\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _cell(value: Any, is_figure: bool) -> str:
    said = ("–" if value is None else str(value)).replace("|", "\\|")
    if not is_figure:
        return said
    return re.sub(r"(?<![\d.])0\.(?=[\d]+(?![\d]*%))", ".", said)


@cache
def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def figures(name: str, title: str) -> str:
    """One table of `docs/figures.json`."""
    return table(_rows(HERE / "figures.json", name, title))


def benchmark(
    name: str,
    title: str,
    names: Mapping[str, str] | None = None,
    only: Mapping[str, str] | None = None,
) -> str:
    """One table that a benchmark kept.

    names: the columns to show, each under its heading.  only: the cells that a shown row must have.
    """
    rows = _rows(RISK / "benchmarks.json", name, title)
    wanted = dict(only or {}).items()
    return table(
        [row for row in rows if wanted <= {k: str(v) for k, v in row.items()}.items()], names
    )


def _rows(path: Path, name: str, title: str) -> list[dict[str, Any]]:
    (found,) = (each for each in _json(path)[name]["tables"] if each["title"] == title)
    return list(found["rows"])


def measured_on(name: str) -> str:
    """The day on which something was measured, and by which version where that matters."""
    places = (HERE / "figures.json", RISK / "benchmarks.json")
    found = next(_json(path)[name] for path in places if name in _json(path))
    version = found.get("version") or found.get("found", {}).get("version")
    of = f" with {version}" if version else ""
    on = f" on {found['machine']}" if found.get("machine") else ""
    return f"\nMeasured{of}{on}, {found['measured_on']}.\n"


def shipped() -> str:
    """The name of the version that comes with the repository."""
    (folder,) = (path.parent for path in RISK.glob("*/manifest.json"))
    return folder.name


def headline() -> str:
    """What the shipped version reaches on the demo district, beside simpler ways."""
    test = _json(RISK / shipped() / "metrics.json")["test"]
    found = test["table"]
    rows = [
        {"": words}
        | {
            said: f"{found[key][name]:.3f}"
            if key in found and isinstance(found[key].get(name), float)
            else None
            for key, said in PREDICTORS.items()
        }
        for name, words in HEADLINES.items()
    ]
    who = f"{test['rows']:,} student-weeks of {test['students']:,} fictional students"
    return f"\n{who}, none of them seen in training or in any choice.\n{table(rows)}"


def differences() -> str:
    """How far the shipped version is ahead of the best simpler way, with intervals."""
    test = _json(RISK / shipped() / "metrics.json")["test"]
    words = {
        "score_auc_any": "the score, any flag",
        "score_auc_high": "the score, High or Critical",
        "auc_any": "the four probabilities, any flag",
        "auc_high": "the four probabilities, High or Critical",
    }
    rows = [
        {
            "AUC of": words[name],
            f"ahead of {each['baseline']} by": f"{_signed(each['difference'])} "
            f"({_signed(each['low'])} to {_signed(each['high'])})",
        }
        for name, each in test["against_best_baseline"].items()
        if name in words
    ]
    return table(rows)


def _signed(value: float) -> str:
    return f"{value:+.4f}".replace("-", "−")


def features() -> str:
    """The features by kind of record, with what each one means."""
    meanings: dict[str, str] = _json(HERE / "features.json")
    parts = []
    for modality in MODALITIES:
        rows = [
            {
                "#": number,
                "name": f"`{each.name}`",
                "what it means": meanings.get(each.name, each.label),
                "unit": each.unit.replace("_", "/"),
            }
            for number, each in enumerate(FEATURES, 1)
            if each.modality == modality
        ]
        parts.append(f"\n### {modality.capitalize()}\n{table(rows)}")
    return "".join(parts)


def learner_features() -> str:
    """The features of a learner, with what each one means."""
    rows = [
        {
            "name": f"`{each.name}`",
            "what it means": each.means,
            "unit": each.unit,
            "from": ", ".join(f"`{name}.csv`" for name in each.files),
        }
        for each in learner.FEATURES
    ]
    return table(rows)


def commands() -> str:
    """Every command with what it does; a group of commands, and then those in it."""
    rows = [
        {"command": f"`edupulse {_usage(f'{name} {inner}'.strip(), one)}`", "does": one.help or ""}
        for name, each in command_group().items()
        for inner, one in {"": each, **getattr(each, "commands", {})}.items()
    ]
    return table(rows)


def command_group() -> dict[str, Any]:
    """The commands of the command line by name."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def _usage(name: str, command: Any) -> str:
    words = [name]
    for each in command.params:
        if each.param_type_name == "argument":
            said = (each.metavar or each.name).strip("[]").upper()
            words.append(said if each.required else f"[{said}]")
        elif each.name != "help" and not each.hidden:
            words.append(f"[{each.opts[0]}]")
    return " ".join(words)


def settings() -> str:
    """Every setting, from the code that reads it: its name, its default and what it means."""
    parts = (Path(each.__file__).read_text(encoding="utf-8") for each in (rules, config))
    tree = ast.parse(source := "\n".join(parts))
    lines = source.splitlines()
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    rows = []
    for field in _fields(classes["Settings"]):
        kind = ast.unparse(field.annotation)
        if kind in classes:
            rows += [
                _row(f"{field.target.id}.{one.target.id}", one, lines)  # type: ignore[union-attr]
                for one in _fields(classes[kind])
            ]
        elif field.target.id != "grants":  # type: ignore[union-attr]
            rows.append(_row(field.target.id, field, lines))  # type: ignore[union-attr]
    return table(rows, are_figures=False)


def _fields(node: ast.ClassDef) -> list[ast.AnnAssign]:
    return [each for each in node.body if isinstance(each, ast.AnnAssign)]


def _row(name: str, field: ast.AnnAssign, lines: list[str]) -> dict[str, str]:
    value = field.value
    if isinstance(value, ast.Call):
        value = next((word.value for word in value.keywords if word.arg == "default"), None)
    default = ast.unparse(value) if value is not None else ""
    if isinstance(value, ast.Tuple):
        default = default.replace("(", "[").replace(")", "]")  # as TOML writes it
    words = {"REPOSITORY": "the repository", "''": "empty", "None": "none"}
    default = words.get(default, f"`{default}`")
    comment = lines[(field.end_lineno or 1) - 1].partition("  # ")[2]
    above = lines[field.lineno - 2].strip()
    if not comment and above.startswith("# "):
        comment = above[2:]
    return {"setting": f"`{name}`", "default": default, "meaning": comment}


def columns() -> str:
    """Every file of a bundle with the columns that an import reads."""
    rows = []
    for file in sources.FILES:
        needed = oneroster.needed_columns(file, "1.1")
        rows.append(
            {
                "file": f"`{file.name}.csv`",
                "required": ", ".join(f"**{name}**" for name in needed),
                "also read": ", ".join(name for name in file.columns if name not in needed),
                "first import": "must be there" if file.is_needed else "may be missing",
            }
        )
    return table(rows)


def example() -> str:
    """The example bundle, file by file."""
    parts = []
    for path in sorted((REPOSITORY / "data" / "example").glob("*.csv")):
        text = path.read_text(encoding="utf-8").strip().splitlines()
        shown = text[:7] + ([f"… ({len(text) - 7} more rows)"] if len(text) > 7 else [])
        parts.append(f"\n`{path.name}`\n\n```csv\n" + "\n".join(shown) + "\n```\n")
    return "".join(parts)
