"""Trains and evaluates versions of any family on a home's own data."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from duckdb import DuckDBPyConnection

import edupulse_core
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, ModelError, RefusedError
from edupulse_core.families import version as folders
from edupulse_core.families.evaluation import EvaluatedOn, Evaluation
from edupulse_core.families.family import (
    Algorithm,
    CardFacts,
    Family,
    Occasion,
    Report,
    Run,
    Split,
    unseen,
)
from edupulse_core.families.shelf import family_named
from edupulse_core.features import build
from edupulse_core.lifecycle import (
    benchmarks,
    evaluations,
    findings,
    periods,
    quality,
    registry,
    tracking,
)
from edupulse_core.lifecycle.quality import Quality
from edupulse_core.progress import Cancel, Progress
from edupulse_core.warehouse import snapshots

PLAN = "plan.json"


@dataclass(frozen=True)
class Trained:
    """A version that was just trained and saved."""

    version: str
    algorithm: str
    folder: Path
    model: Any
    metrics: dict[str, Any]  # as saved with it

    def as_json(self) -> dict[str, Any]:
        """What the command line prints."""
        head = {"version": self.version, "algorithm": self.algorithm, "folder": str(self.folder)}
        told = {key: said for key, said in self.metrics.items() if key == registry.NO_BETTER}
        return {**head, **self.metrics["headline"], **told, "test": self.metrics["test"]}


@dataclass(frozen=True)
class Course:
    """A home's own cases, split, for one training or for several that are compared."""

    settings: Settings
    family: Family
    split: Split[Any]
    district: EvaluatedOn
    warehouse: str  # its version
    quality: Quality  # of the cases
    progress: Progress | None = None
    cancel: Cancel | None = None
    examples: Any = None  # all cases

    def train(
        self,
        algorithm: str,
        plan: Any,
        *,
        seed: int = 0,
        noted: Mapping[str, Any] | None = None,
        trained: Mapping[str, Any] | None = None,
        start: Any = None,
        more: Mapping[str, Any] | None = None,
    ) -> Trained:
        """Train and save one version.

        noted: what its metrics keep of the request, as "made".  trained: models of the same split,
        by algorithm, for a blend.  start: a trained model to go on from.  more: further
        metrics.  An interrupted run continues where it stopped if the warehouse, the plan and the
        seed are the same.
        """
        how, rules, started = (
            self.family.algorithms[algorithm],
            self.settings.all_rules,
            monotonic(),
        )
        history: list[dict[str, float]] = []
        resume = self._checkpoint(algorithm, plan, seed, None if start is None else noted)
        run = Run(
            rules=rules,
            seed=seed,
            device=self.settings.device,
            progress=self.progress,
            cancel=self.cancel,
            checkpoint=resume,
            tracker=lambda epoch: history.append(dict(epoch)),
            trained=trained or {},
            start=start,
        )
        model = how.fit(self.split, plan, run)
        seconds = round(monotonic() - started, 1)
        about = self._header(algorithm)
        parts = {
            "rows": len(self.split.train),
            "validation_rows": len(self.split.validation),
            "students": len(np.unique(self.split.train.who)),
        }
        made = {"algorithm": algorithm, "parent": about.parent, "code_version": about.code_version}
        report = self.family.report(model, self.split, rules)
        metrics = {
            "training": {**asdict(plan), **parts, "seed": seed, "seconds": seconds},
            "made": {**made, **(noted or {})},
            "history": history,
            "evaluated_on": [self.district.model_dump()],
            **report.model_dump(mode="json"),
            **(more or {}),
        }
        if said := self.family.no_better(report):
            metrics[registry.NO_BETTER] = said
        folder = _save(self, model, about, asdict(plan), metrics)
        resume.unlink(missing_ok=True)
        tracking.note_training(self.settings, self.family.name, folder)
        return Trained(about.version, algorithm, folder, model, metrics)

    def _checkpoint(
        self, algorithm: str, plan: Any, seed: int, more: Mapping[str, Any] | None
    ) -> Path:
        """Where a training of this plan can be continued.  more: what else must be the same."""
        asked = json.dumps(
            [asdict(plan), seed, *([dict(more)] if more else [])], sort_keys=True, default=str
        )
        mark = hashlib.sha256(asked.encode()).hexdigest()[:8]
        name = f"{self.family.name}-{algorithm}-{self.warehouse}-{mark}.checkpoint"
        return self.settings.data / "training" / name

    def _header(self, algorithm: str) -> folders.Header:
        """What the manifest says of a version that is trained now."""
        now, learned, name = datetime.now(UTC), self.split.train, self.family.name
        parent = ""
        with suppress(InputError):  # none serves yet, or its choice is damaged
            parent = registry.chosen_version(self.settings, name).name
        return folders.Header(
            version=_free_name(self.settings, now),
            family=name,
            created_at=now.isoformat(timespec="seconds"),
            data_range=(str(learned.day.min()), str(learned.day.max())),
            features=tuple(learned.inputs().column_names),
            algorithm=algorithm,
            rules=self.settings.all_rules.as_json(),
            parent=parent,
            code_version=edupulse_core.__version__,
        )


def _free_name(settings: Settings, now: datetime) -> str:
    """A version's name that no family has yet: the time, and a number if two share a second."""
    name, number = now.strftime("%Y%m%dT%H%M%S"), 1
    free = name
    while [*(settings.home / "models").glob(f"*/{free}")]:
        number += 1
        free = f"{name}-{number}"
    return free


def course(
    settings: Settings,
    name: str,
    *,
    test: float = 0.0,
    validation: float = 0.0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Course:
    """Read and split a home's cases.

    test, validation: other shares of the students than the family's own, where it can.
    Raises RefusedError when the history is too short to hold out students and weeks, or when the
    data have errors.
    """
    family, snapshot = family_named(name), snapshots.current(settings)
    examples, known, until = labeled(settings, family, progress)
    found = _look(settings, family, examples, known, until)
    if found.errors:
        said = findings.refusal(found, family)
        raise RefusedError(f"{said} `edupulse check {name}` shows every input.")
    split = family.splits(examples)[0]
    if (test or validation) and family.resplit is not None:
        own = [len(np.unique(part.who)) for part in (split.test, split.validation)]
        students = len(np.unique(examples.who))
        split = family.resplit(examples, test or own[0] / students, validation or own[1] / students)
    return Course(
        settings, family, split, known, snapshot.version, found, progress, cancel, examples
    )


def checked(
    settings: Settings,
    name: str,
    *,
    fewest: int = quality.FEWEST,
    progress: Progress | None = None,
) -> Quality:
    """Check the data that a training would use now.

    fewest: cases without which nothing is trained. Raises RefusedError if no outcome is known.
    """
    family = family_named(name)
    return _look(settings, family, *labeled(settings, family, progress), fewest=fewest)


def _look(
    settings: Settings,
    family: Family,
    examples: Any,
    known: EvaluatedOn,
    until: date,
    fewest: int = quality.FEWEST,
) -> Quality:
    """The cases beside those of the last training here."""
    with snapshots.connect(settings, features=True) as con:
        today = build.as_of(con)
    version, learned = quality.against(settings, family.name)
    return quality.look(
        family,
        examples,
        district=known.district,
        until=until,
        today=today,
        fewest=fewest,
        compared_with=version,
        learned=learned,
    )


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
    """
    how = algorithm or next(iter(family_named(name).algorithms))
    plan = family_named(name).algorithms[how].plan() if plan is None else plan
    return course(settings, name, progress=progress).train(how, plan).as_json()


def _save(
    course: Course,
    model: Any,
    about: folders.Header,
    plan: dict[str, Any],
    metrics: dict[str, Any],
) -> Path:
    """Write a version's folder with its card, and the files made from it for serving."""
    settings, family = course.settings, course.family
    how = family.algorithms[about.algorithm]
    measured = benchmarks.commands(settings, family.name, about.version)
    facts = CardFacts(about.version, metrics, about.data_range, measured)

    def fill(half: Path) -> None:
        how.save(model, half)
        folders.write_json(half / PLAN, plan)
        folders.write_json(half / folders.METRICS, metrics)
        folders.write_json(half / quality.KEPT, course.quality.model_dump(mode="json"))
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
    model = folders.opened(algorithm_of(family, about).open, folder)
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
