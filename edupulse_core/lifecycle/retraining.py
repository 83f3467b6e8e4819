"""New versions of the risk model: on a home's own data, or the shipped one on made-up districts."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.families.risk import assessment, checkpoint
from edupulse_core.families.risk import card as risk_card
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk import report as risk_report
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples, Split
from edupulse_core.families.risk.fit import RiskPlan
from edupulse_core.families.risk.network import WINNER
from edupulse_core.features import build
from edupulse_core.lifecycle import benchmarks, registry
from edupulse_core.progress import Progress
from edupulse_core.training.loop import LoopOptions
from edupulse_core.warehouse import snapshots

HOME_PLAN = RiskPlan(network=WINNER, loop=LoopOptions(batch=128, epochs=100, average=0.99))
RESAMPLES = 1000


def train_risk(
    settings: Settings,
    *,
    out: Path | None = None,
    plan: RiskPlan = HOME_PLAN,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train on the home's own data and save a version; returns its metrics.

    Raises RefusedError when the history is too short to hold out students and weeks. A run that
    was interrupted goes on where it stopped, as long as the warehouse is the same.
    """
    snapshot = snapshots.current(settings)
    _, found, known = _examples(settings, progress)
    resume = settings.data / "training" / f"risk-{snapshot.version}.pt"
    model = risk_fit.fit(found.train, found.validation, plan, checkpoint=resume, progress=progress)
    report = risk_report.report(model, found.test, found.train, resamples=RESAMPLES)
    version = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    folder = (out or settings.home / "models" / "risk") / version
    model.metrics |= {
        "headline": headline(report),
        "evaluated_on": [known],
        "test": report,
    }
    model.card = risk_card.write(
        model,
        version,
        {"later weeks of students not trained on": report},
        data=(
            f"{known['district']}: its own students, split three ways so that no student and no "
            "later week crosses from one part to another (train, validation, test)."
        ),
        measured=benchmarks.commands(settings, "risk", version),
        limits="* It was trained and tested on one district's students only.",
        command="edupulse train risk",
        reproduce="It trains on the home's warehouse as it is on that day.",
    )
    checkpoint.save(model, folder)
    resume.unlink(missing_ok=True)
    return {"version": version, "folder": str(folder), **model.metrics["headline"], "test": report}


def evaluate_risk(
    settings: Settings,
    version: str | None = None,
    *,
    truth: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Score a version on the home's later weeks, of students that its baselines never saw.

    A version that was trained on this district sees its test part only; any other, every later week
    of every student that the baselines did not learn from. Calibration, bands and fairness need no
    baseline: they are judged on all rows that the version itself has not seen.

    truth: a demo's `truth/`, which adds the ceiling. Raises RefusedError when it is of another
    district than this home's.
    """
    if truth is not None:
        _check_truth(settings, truth)
    folder = (
        registry.version_folder(settings, "risk", version)
        if version
        else registry.active_version(settings, "risk")
    )
    model = checkpoint.load(folder)
    examples, split, known = _examples(settings, progress)
    trained_here = any(
        each.get("district") == known["district"] for each in model.metrics.get("evaluated_on", ())
    )
    test = split.test if trained_here else risk_examples.unseen(examples, split)
    held_out = split.test if trained_here else examples
    ceiling = None
    if truth is not None:
        test, ceiling = risk_examples.with_truth(test, truth)
    with step(progress, "baselines"):
        report = risk_report.report(model, test, split.train, ceiling=ceiling, resamples=RESAMPLES)
    with step(progress, "groups"):
        assessed = _assessed(settings, model, held_out, truth)
    return {
        "version": model.version,
        "evaluated_on": known,
        "evaluated_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **headline(report),
        "test": report,
        **assessed,
    }


def _check_truth(settings: Settings, truth: Path) -> None:
    """Raise RefusedError when the bundle beside a truth names other people than this home has.

    Made-up districts number their people alike, so that one's truth would be taken for another's;
    of a truth without its bundle nothing tells.
    """
    users = truth.resolve().parent / "users.csv"
    if not users.is_file():
        return
    with users.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        names = {
            row.get("sourcedId"): (row.get("givenName"), row.get("familyName"))
            for row in csv.DictReader(lines)
        }
    with snapshots.connect(settings) as con:
        people = con.execute("select user_id, given_name, family_name from users").fetchall()
    same = [names[user] == (given, family) for user, given, family in people if user in names]
    if 2 * sum(same) <= len(same):
        raise RefusedError(
            f"--truth {truth} is of another district than the one in this home: the bundle beside "
            f"it names {sum(same):,} of the {len(people):,} people here"
        )


@contextmanager
def step(progress: Progress | None, name: str) -> Iterator[None]:
    """Say that something long begins, and that it ended."""
    report = progress or (lambda *_: None)
    report(name, 0, 1)
    yield
    report(name, 1, 1)


def _assessed(
    settings: Settings, model: RiskModel, held_out: Examples, truth: Path | None
) -> dict[str, Any]:
    """Calibration, bands, fairness, tiers and goals; with the truth, what no model could avoid."""
    with snapshots.connect(settings, features=True) as con:
        groups = assessment.read_groups(con, held_out)
        found = assessment.assess(model, held_out, groups, resamples=RESAMPLES)
        if truth is not None:
            rows, oracle = risk_examples.with_truth(held_out, truth)
            groups = assessment.read_groups(con, rows)
            found["ceiling"] = assessment.beside_the_ceiling(
                model, rows, oracle, groups, resamples=RESAMPLES
            )
    return found


def headline(report: dict[str, Any]) -> dict[str, float]:
    """The few numbers that versions are compared by."""
    names = ("auc_any", "auc_high", "score_auc_any", "score_auc_high", "mae", "ece", "accuracy")
    return {name: report["table"]["gru"][name] for name in names}


def _examples(
    settings: Settings, progress: Progress | None
) -> tuple[Examples, Split, dict[str, Any]]:
    """The home's labelled student-weeks, the same in three parts, and whose they are."""
    snapshot = snapshots.current(settings)
    build.ensure(settings, snapshot, progress=progress)
    with snapshots.connect(settings, snapshot, features=True) as con:
        examples = risk_examples.read(con, min_history=settings.outcomes.min_history_weeks)
        calendars: list[list[date]] = [
            row[0] for row in con.execute(risk_examples.CALENDARS).fetchall()
        ]
        district, fingerprint, is_demo = con.execute(
            "select district, fingerprint, is_demo from imports order by imported_at desc limit 1"
        ).fetchall()[0]
    known = {"district": district, "fingerprint": fingerprint, "is_demo": bool(is_demo)}
    horizon = settings.outcomes.horizon_weeks
    return examples, risk_examples.three_way(examples, calendars, horizon=horizon), known
