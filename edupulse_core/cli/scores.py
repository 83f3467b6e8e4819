"""Commands about scores: build features, score, explain, and the nightly run."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edupulse_core import stopping, words
from edupulse_core.cli.imports import problems_as_json, show_problems, warn_of_demo
from edupulse_core.cli.terminal import (
    AsJson,
    AsOf,
    Out,
    Student,
    check_ending,
    emit,
    progress,
    screen,
    tell_week,
    writing,
)
from edupulse_core.config import load_settings
from edupulse_core.errors import InputError
from edupulse_core.people.actor import OPERATOR

if TYPE_CHECKING:  # the import takes a second to load
    from edupulse_core.warehouse.ingest import Summary


def features(
    as_of: AsOf = None,
    out: Out = None,
    labels: Annotated[bool, typer.Option("--labels", help="Also write the outcomes.")] = False,
) -> None:
    """Build the weekly features; --out writes them to a file."""
    from edupulse_core.actions.features import build_features, export_features

    settings = load_settings()
    check_ending(out)
    with progress() as report:
        built = build_features(OPERATOR, settings, as_of=as_of, progress=report)
    tell_week(as_of, built.ended_on, "the features end with that week")
    if out is None:
        print("Built the features of every student and week.")
        return
    with writing(out):
        rows = export_features(OPERATOR, settings, built, out, labels=labels)
    print(f"Wrote {rows:,} student-weeks to {out}")


def score(as_of: AsOf = None, out: Out = None, as_json: AsJson = False) -> None:
    """Score every student enrolled in the last week with data, or the last one by --as-of."""
    from edupulse_core.actions.scores import cautions, export_scores, score_week

    check_ending(out)
    settings = load_settings()
    with progress() as report:
        run = score_week(OPERATOR, settings, as_of=as_of, progress=report)
    if out is not None:
        with writing(out):
            export_scores(OPERATOR, settings, run, out)
    tell_week(as_of, run.as_of, "scored that week")
    show_cautions(cautions(settings))
    value = run.as_json()
    levels = ", ".join(f"{n:,} {level.title()}" for level, n in value["tiers"].items())
    students, rest = who_is_scored(value)
    emit(value, as_json, f"Scored {students} as of {words.day(run.as_of)}: {levels}{rest}")


def explain(
    student: Student,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Explain a student's score."""
    from edupulse_core.actions.scores import cautions, explain_student

    settings = load_settings()
    value = explain_student(OPERATOR, settings, student, as_of=as_of)
    tell_week(as_of, date.fromisoformat(value["as_of"]), "explained that week")
    show_cautions(cautions(settings))
    if as_json:
        print(json.dumps(value, default=str))
    else:
        show_explanation(value)


def verdict(
    student: Annotated[str, typer.Argument(help="The student's sourcedId.")],
    is_at_risk: Annotated[
        bool | None,
        typer.Option("--at-risk/--not-at-risk", help="What somebody who knows the student says."),
    ] = None,
    note: Annotated[str, typer.Option(help="What they know.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was said.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether a student's score is right; the next update of the model learns from it."""
    from edupulse_core.actions import verdicts
    from edupulse_core.queries.district import open_district

    if undo == (is_at_risk is not None):
        raise InputError("say --at-risk or --not-at-risk, or --undo to take it back")
    district = open_district(load_settings())
    if is_at_risk is None:
        said = verdicts.withdraw(OPERATOR, district, student)
        emit(vars(said), as_json, f"Taken back: what {said.actor} said of {student}.")
        return
    said = verdicts.judge(OPERATOR, district, student, is_at_risk, note)
    emit(vars(said), as_json, f"Kept for the next `edupulse update {said.family}`.")


def nightly(path: Path, as_json: AsJson = False) -> None:
    """Import a bundle, build the features, score and monitor: the whole night in one command."""
    settings = load_settings()
    with (
        problems_as_json(path, as_json) as published,
        stopping.publishing(settings.published),
        progress() as report,
    ):
        from edupulse_core.actions.night import nightly
        from edupulse_core.actions.scores import cautions

        def after_import(imported: "Summary") -> None:
            published.append(imported.published)
            warn_of_demo(path, imported.is_demo)

        imported, run, watched = nightly(
            OPERATOR, settings, path, progress=report, on_import=after_import
        )
    value = {
        "ingest": imported.as_json(),
        "score": run.as_json(),
        "monitor": [night.as_json() for night in watched],
    }
    show_cautions(cautions(settings))
    show_night(value, as_json, is_unchanged=imported.is_unchanged)


def show_night(value: dict[str, Any], as_json: bool, *, is_unchanged: bool) -> None:
    """Print what a night imported, rejected and scored.  value: what `--json` prints."""
    if not as_json:
        show_problems(value["ingest"], is_unchanged=is_unchanged)
    what = "Nothing changed, still " if is_unchanged else ""
    students, rest = who_is_scored(value["score"])
    emit(value, as_json, f"{what}{value['ingest']['published']}: {students} scored{rest}")
    new = sum(len(night["alerts"]) for night in value["monitor"])
    if new and not as_json:
        print(f"{new} new alert{'s' if new > 1 else ''}: see `edupulse alerts`")


def show_explanation(value: dict[str, Any]) -> None:
    """Print why a student has a score.  value: what `explain --json` prints."""
    from edupulse_core.families.risk.tiers import in_words

    print(f"{value['student_id']}, as of {words.day(date.fromisoformat(value['as_of']))}")
    if value["risk_score"] is None:
        print("Not enough data for a score: too few school weeks are known.")
        return
    print(f"Risk score {in_words(value['risk_score'])}, risk level {value['tier'].title()}")
    for n, factor in enumerate(value["factors"], 1):
        print(f"{n}. {factor['sentence']}")
    if not value["factors"]:
        print("No single reason stands out.")
    print(value["agreement"]["sentence"])


def show_cautions(cautions: list[str]) -> None:
    """Say what to know before relying on a score; beside the result, never in it."""
    for caution in cautions:
        screen.print(caution, markup=False, highlight=False, soft_wrap=True)


def who_is_scored(value: dict[str, Any]) -> tuple[str, str]:
    """How many of the students in `ScoreRun.as_json` got a score, and how many didn't, in words."""
    n = value["not_enough_data"]
    rest = f"; {n:,} without enough data" if n else ""
    return f"{value['scored']:,} of {value['students']:,} students", rest
