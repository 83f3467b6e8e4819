"""Commands about versions: list, activate, deactivate, roll back, compare, export."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edupulse_core.cli.terminal import AsJson, emit, progress, screen, table
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR
from edupulse_core.words import cases

if TYPE_CHECKING:  # slow to import
    from edupulse_core.queries.versions import Page

HEAD = {
    "alias": "Alias",
    "algorithm": "Algorithm",
    "training_date": "Trained",
    "rows": "Cases it learned from",
    "data_range": "Records from",
    "code_version": "Version of EduPulse",
    "parent": "Made from",
    "version_tag": "Tag",
    "notes": "Notes",
}
LOSSES = ("train_loss", "validation_loss")
Reason = Annotated[str, typer.Option("--reason", metavar="WHY", help="Why; it is kept.")]


def versions(
    family: str,
    version: Annotated[str | None, typer.Argument(help="Show all about this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the versions of a family, the active one marked; or show all about one of them."""
    from edupulse_core.families import shelf
    from edupulse_core.lifecycle import registry
    from edupulse_core.queries import models
    from edupulse_core.queries.versions import page

    settings = load_settings()
    name = shelf.check_name(family)
    if version is not None:
        registry.version_folder(settings, name, version)
        _show(page(settings, name, version), as_json)
        return
    names = [folder.name for folder in registry.versions(settings, name)]
    active = registry.active_version(settings, name).name
    lines = {each.name: each.as_json() for each in models.versions(settings, name)}
    if as_json:
        print(json.dumps({"active": active, "versions": names, "details": [*lines.values()]}))
        return
    for each in names:
        print(f"{'*' if each == active else ' '} {each}  {_about(lines.get(each))}".rstrip())


def activate(
    family: str,
    version: str,
    reason: Reason = "",
    override_reason: Annotated[
        str,
        typer.Option(
            "--override-reason",
            metavar="WHY",
            help="Activate it even if it is worse than the one that serves; the reason is kept.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Serve this version from now on, unless it does worse than the one that serves."""
    from edupulse_core.actions.versions import activate_version

    with progress() as report:
        found = activate_version(
            OPERATOR,
            load_settings(),
            family,
            version,
            reason=reason,
            override_reason=override_reason,
            progress=report,
        )
    if as_json:
        print(json.dumps({"serving": found.serving, **found.verdict.as_json()}))
        return
    if found.verdict.reasons:
        print("It serves although the gate objects, as you asked:")
    for note in (*found.verdict.reasons, *found.verdict.notes):
        screen.print(note, markup=False, highlight=False, soft_wrap=True)
    if found.served_before:
        print(f"{family} {version} serves already")
    elif found.serving == version:
        print(f"{family} {version} is active from now on")
    else:
        print(
            f"{family} {version} is chosen, but {found.serving} stays active: the setting "
            "EDUPULSE_MODEL_VERSION asks for it. Remove the setting to use the one you chose."
        )


def deactivate(family: str, version: str, reason: Reason = "", as_json: AsJson = False) -> None:
    """Stop serving this version: the one before it serves again."""
    from edupulse_core.actions.versions import deactivate_version

    serving = deactivate_version(OPERATOR, load_settings(), family, version, reason=reason)
    emit({"serving": serving}, as_json, f"{family} {serving} is active from now on")


def rollback(family: str, reason: Reason = "", as_json: AsJson = False) -> None:
    """Go back to the version that served before."""
    from edupulse_core.actions.versions import roll_back

    serving = roll_back(OPERATOR, load_settings(), family, reason=reason)
    emit({"serving": serving}, as_json, f"{family} {serving} is active from now on")


def compare(family: str, a: str, b: str, as_json: AsJson = False) -> None:
    """Compare two versions: as they were saved, and on the same cases."""
    from edupulse_core.actions.versions import compare_versions

    with progress() as report:
        value = compare_versions(load_settings(), family, a, b, progress=report)
    if as_json:
        print(json.dumps(value))
        return
    if a == b:
        print(f"Both are the same version, {a}: nothing can differ.")
    show_comparison(family, value, a, b)
    show_pair(family, value, a, b)


def export(
    family: str,
    version: str,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The new folder.")],
    as_json: AsJson = False,
) -> None:
    """Write a risk version and a scorer for a computer without EduPulse."""
    from edupulse_core.actions.exports import export_version

    found = export_version(OPERATOR, load_settings(), family, version, out)
    emit(found.as_json(), as_json, f"{out}: {', '.join(found.sizes)}")


def _about(line: dict[str, Any] | None) -> str:
    """A version in one line; empty for one that is damaged."""
    if line is None:
        return "damaged"
    figures = ", ".join(f"{name} {value:.3f}" for name, value in [*line["metrics"].items()][:3])
    rows = f"{line['rows']:,} rows" if line["rows"] else ""
    alias = line["alias"] if line["alias"] == "challenger" else ""
    made = (line["training_date"] or "")[:10]
    return "  ".join(each for each in (line["algorithm"], made, rows, figures, alias) if each)


def _show(page: "Page", as_json: bool) -> None:
    from edupulse_core.families import shelf
    from edupulse_core.reports.family import words

    value = page.as_json()
    if as_json:
        print(json.dumps(value, default=str))
        return
    value["data_range"] = " to ".join(value["data_range"])
    record = shelf.family_named(page.version.family)
    rows = [[said, value[name]] for name, said in HEAD.items() if value[name]]
    rows += [
        [words(name, record.metrics), f"{each:.4f}"] for name, each in value["metrics"].items()
    ]
    table(f"{record.title} {value['version']}", ["", ""], rows)
    losses = [
        [each.get("epoch"), *(f"{each[loss]:.4f}" for loss in LOSSES)]
        for each in value["epochs"]
        if all(loss in each for loss in LOSSES)
    ]
    if losses:
        table("Losses", ["Epoch", "Students it learned from", "Other students"], losses)
    for symptom in value["diagnosis"]:
        print(f"{symptom['sentence']} (--set {' or '.join(symptom['options'])})")
    for each in value["served"]:
        print(f"Serves since {each['at'][:10]}, by {each['by']}. {each['reason'] or ''}".rstrip())


def show_comparison(family: str, value: dict[str, Any], a: str, b: str) -> None:
    """Print the metrics of versions a and b side by side.  value: all metrics, by version."""
    from edupulse_core.families import shelf
    from edupulse_core.reports.family import words

    record = shelf.family_named(family)
    tested = [_tested_on(value[name]) for name in (a, b)]
    metrics = [value[name].get("headline", {}) for name in (a, b)]
    rows = [
        [words(name, record.metrics), _cell(first[name]), _cell(second.get(name))]
        for first, second in (tested, metrics)
        for name in first
    ]
    table(f"{record.title}: each on cases that it has not seen", ["Figure", a, b], rows)
    if tested[0] != tested[1]:
        print("Tested on different cases: this doesn't say which one is better.")


def _tested_on(metrics: dict[str, Any]) -> dict[str, Any]:
    """The rows behind a version's saved metrics: which districts, which weeks, how many."""
    from edupulse_core.reports import figures

    test = metrics.get("test", {})
    districts = [str(each.get("district")) for each in metrics.get("evaluated_on", ())]
    return {
        "tested on": ", ".join(districts) or None,
        "weeks": figures.weeks(test["weeks"]) if test.get("weeks") else None,
        "cases": test.get("rows"),
        "students": test.get("students"),
    }


def _cell(value: Any) -> str:
    """A saved figure, with as many decimals as those on the same cases."""
    if isinstance(value, float):
        return f"{value:.4f}"
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def show_pair(family: str, value: dict[str, Any], a: str, b: str) -> None:
    """Print both versions on the same cases, and how many students change level."""
    from edupulse_core.families import shelf
    from edupulse_core.lifecycle.comparison import Compared
    from edupulse_core.reports.family import words

    record = shelf.family_named(family)
    if value["not_compared"]:
        print(f"Not compared on the same cases: {value['not_compared']}.")
        return
    paired = Compared.model_validate(value["paired"])
    rows = [
        [words(name, record.metrics), f"{each.a:.4f}", f"{each.b:.4f}", each.difference.in_words()]
        for name, each in paired.metrics.items()
    ]
    title = f"On the same {cases(paired.rows, paired.students, record.whose)}"
    table(title, ["Figure", a, b, "Difference (95% interval)"], rows)
    if value["moves"]:
        print(value["moves"]["sentence"])
