"""Trains and evaluates versions of any family on a home's own data."""

from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from duckdb import DuckDBPyConnection

from edupulse_core.config import Rules, Settings
from edupulse_core.errors import ModelError
from edupulse_core.families import version as folders
from edupulse_core.families.evaluation import EvaluatedOn, Evaluation
from edupulse_core.families.family import (
    Algorithm,
    CardFacts,
    Family,
    Occasion,
    Report,
    Run,
    unseen,
)
from edupulse_core.families.shelf import family_named
from edupulse_core.features import build
from edupulse_core.lifecycle import benchmarks, evaluations, periods, registry
from edupulse_core.progress import Progress
from edupulse_core.warehouse import snapshots

PLAN = "plan.json"


def train(
    settings: Settings,
    name: str,
    *,
    plan: Any = None,
    algorithm: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train on the home's own data and save a version; returns its metrics.

    algorithm: the family's first unless given.  plan: the algorithm's own unless given.
    Raises RefusedError when the history is too short to hold out students and weeks. An interrupted
    run continues where it stopped, as long as the warehouse is the same.
    """
    family = family_named(name)
    algorithm = algorithm or next(iter(family.algorithms))
    how = family.algorithms[algorithm]
    plan = how.plan() if plan is None else plan
    snapshot, rules = snapshots.current(settings), settings.all_rules
    examples, known, _ = labeled(settings, family, progress)
    split = family.splits(examples)[0]
    history: list[dict[str, float]] = []
    resume = settings.data / "training" / f"{name}-{algorithm}-{snapshot.version}.checkpoint"
    run = Run(
        rules=rules,
        device=settings.device,
        progress=progress,
        checkpoint=resume,
        tracker=lambda epoch: history.append(dict(epoch)),
    )
    model = how.fit(split, plan, run)
    report = family.report(model, split, rules)
    metrics = {
        "training": {**asdict(plan), "rows": len(split.train)},
        "history": history,
        "evaluated_on": [known.model_dump()],
        **report.model_dump(mode="json"),
    }
    about = _header(name, algorithm, split.train, rules)
    folder = _save(settings, family, model, about, asdict(plan), metrics)
    resume.unlink(missing_ok=True)
    return {
        "version": about.version,
        "folder": str(folder),
        **report.headline,
        "test": metrics["test"],
    }


def _header(name: str, algorithm: str, learned: Any, rules: Rules) -> folders.Header:
    """What the manifest says of a version that was trained now. learned: its training cases."""
    now = datetime.now(UTC)
    return folders.Header(
        version=now.strftime("%Y%m%dT%H%M%S"),
        family=name,
        created_at=now.isoformat(timespec="seconds"),
        data_range=(str(learned.day.min()), str(learned.day.max())),
        features=tuple(learned.inputs().column_names),
        algorithm=algorithm,
        rules=rules.as_json(),
    )


def _save(
    settings: Settings,
    family: Family,
    model: Any,
    about: folders.Header,
    plan: dict[str, Any],
    metrics: dict[str, Any],
) -> Path:
    """Write a version's folder with its card, and the files made from it for serving."""
    how = family.algorithms[about.algorithm]
    measured = benchmarks.commands(settings, family.name, about.version)
    facts = CardFacts(about.version, metrics, about.data_range, measured)

    def fill(half: Path) -> None:
        how.save(model, half)
        folders.write_json(half / PLAN, plan)
        folders.write_json(half / folders.METRICS, metrics)
        text = family.card(model, facts)
        (half / folders.CARD).write_text(text, encoding="utf-8", newline="\n")

    folder = settings.home / "models" / family.name / about.version
    folders.save(folder, about, fill)
    if how.derive is not None:
        how.derive(folder)
    return folder


def standing(settings: Settings, name: str, version: str | None = None) -> Evaluation | None:
    """The report that stands until the next period ends; None if there is none.

    Made again a week later, it would show whose records were corrected in between.
    """
    family = family_named(name)
    about = folders.check(_folder(settings, name, version))
    with suppress(ModelError):  # a damaged one, or one of an earlier EduPulse, is made again
        report = evaluations.kept(settings, name, about.version, family.evaluation)
        if report is None or report.rules != settings.all_rules:
            return None
        snapshot = snapshots.current(settings)
        build.ensure(settings, snapshot)
        with snapshots.connect(settings, snapshot, features=True) as con:
            same = report.until == periods.last_end(build.as_of(con)).isoformat()
            return report if same and report.evaluated_on.district == whose(con).district else None
    return None


def _folder(settings: Settings, name: str, version: str | None) -> Path:
    """The folder of a version; the active one's unless given."""
    if version:
        return registry.version_folder(settings, name, version)
    return registry.active_version(settings, name)


def evaluate(
    settings: Settings,
    name: str,
    version: str | None = None,
    *,
    truth: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Test a version on the home's later weeks, with students that the simpler methods never saw.

    Only outcomes that were known by the end of the last period count (see `periods`).
    A version that was trained on this district is tested on its test part only. Any other is tested
    on every later week of every student that the simpler methods did not learn from. Measures that
    need no simpler method use all cases that the version itself has not seen.

    truth: a demo's `truth/`, which adds the best possible result. Raises RefusedError if it belongs
    to another district.
    """
    family = family_named(name)
    folder = _folder(settings, name, version)
    about = folders.check(folder)
    model = algorithm_of(family, about).open(folder, "")
    examples, known, until = labeled(settings, family, progress)
    split = family.splits(examples)[0]
    with snapshots.connect(settings, features=True) as con:
        tested = evaluations.tested_on(registry.metrics_of(folder))
        trained_here = known.district in [each.district for each in tested]
        held_out = split.test if trained_here else examples
        test = split.test if trained_here else unseen(examples, split)
        occasion = Occasion(settings, folder, con, held_out, truth, progress)
        report = family.report(model, replace(split, test=test), settings.all_rules, occasion)
    return family.evaluation.model_validate(
        {
            "version": about.version,
            "evaluated_on": known,
            "evaluated_at": datetime.now(UTC).replace(microsecond=0),
            "rows": len(held_out),
            "students": len(np.unique(held_out.who)),
            "weeks": (str(held_out.day.min()), str(held_out.day.max())),
            "until": until.isoformat(),
            "rules": settings.all_rules,
            **_flat(report),
        }
    )


def labeled(
    settings: Settings, family: Family, progress: Progress | None
) -> tuple[Any, EvaluatedOn, date]:
    """Every case whose outcome was known by the end of the last period, the district, that end."""
    snapshot = snapshots.current(settings)
    build.ensure(settings, snapshot, progress=progress)
    with snapshots.connect(settings, snapshot, features=True) as con:
        until = periods.last_end(build.as_of(con))
        periods.hide_later(con, settings.outcomes, until)
        return family.read(con, settings.all_rules, progress), whose(con), until


def algorithm_of(family: Family, about: folders.Header) -> Algorithm:
    """The algorithm of a version; the family's first if its manifest does not say."""
    name = about.algorithm or next(iter(family.algorithms))
    if name not in family.algorithms:
        raise ModelError(f"version {about.version}: {family.name} has no algorithm {name!r} today")
    return family.algorithms[name]


def whose(con: DuckDBPyConnection) -> EvaluatedOn:
    """The district in the warehouse, as versions and evaluations name it."""
    district, fingerprint, is_demo = con.execute(
        "select district, fingerprint, is_demo from imports order by sequence desc limit 1"
    ).fetchall()[0]
    return EvaluatedOn(district=district, fingerprint=fingerprint, is_demo=bool(is_demo))


def _flat(report: Report) -> dict[str, Any]:
    """The report as JSON, with the headline's figures at the top level."""
    value = report.model_dump(mode="json")
    return {**value.pop("headline"), **value}
