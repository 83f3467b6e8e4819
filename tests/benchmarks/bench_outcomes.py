"""Real students whose outcome is known: the network beside what a school could use instead.

`python -m tests.benchmarks.bench_outcomes [--data DIR] [--quick] [--json] [--out FILE]`. DIR holds
the folders `oulad`, `hsls09` and `dropout_indicators`; any folder with the same files will do, so
that later cohorts can be tried.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from edupulse_core.config import REPOSITORY
from edupulse_core.errors import EduPulseError, MissingError
from tests.benchmarks.outcomes import hsls, indicators, oulad, oulad_daily, oulad_sums
from tests.benchmarks.outcomes.models import QUICK, Array, Effort
from tests.benchmarks.outcomes.protocol import (
    Log,
    by_student,
    canary,
    compare,
    drop,
    later,
    predict,
    some_students,
    to_stderr,
)
from tests.benchmarks.outcomes.weekly import Case

DATA = REPOSITORY.parent / "shared" / "data"
FOLDERS = ("oulad", "hsls09", "dropout_indicators")
MANY = Effort(inner=2, seeds=1, epochs=8, batch=512, variants=False)  # over 20,000 students
SHORT = Effort(inner=2, seeds=2, epochs=10, batch=256, variants=False)  # two steps only
PARTS = ("daily", "hsls", "sums")
TINY = Effort(inner=2, seeds=1, epochs=2)
OURS = "blend"  # what the goals are held against; never the best of several on the test part


def run(
    data: Path,
    *,
    quick: bool = False,
    parts: tuple[str, ...] = PARTS,
    jobs: int = 2,
    log: Log = to_stderr,
) -> dict[str, Any]:
    """All figures of some parts; MissingError where the data is not."""
    for name in FOLDERS:
        if not (data / name).is_dir():
            raise MissingError(f"bench outcomes needs real data: there is no folder {data / name}")
    started = time.monotonic()
    found: dict[str, Any] = {"quick": quick, "results": {}, "drop_on_later": {}}
    tables = oulad.read(data / "oulad")
    for part in parts:
        log(f"{part}: reading")
        if part == "daily":
            _daily(found, tables, data, quick, jobs, log)
        elif part == "sums":
            _sums(found, tables, quick, jobs, log)
        else:
            _hsls(found, data, quick, jobs, log)
    found["goals"] = _goals(found)
    found["seconds"] = round(time.monotonic() - started)
    return found


def _daily(
    found: dict[str, Any], tables: oulad.Tables, data: Path, quick: bool, jobs: int, log: Log
) -> None:
    case = oulad_daily.case(tables, (4, 8) if quick else oulad_daily.WEEKS)
    found["future_rows_removed"] = future_rows(tables, case)
    log("daily: rows after a cut taken away, same inputs")
    effort, n = (QUICK, 2) if quick else (Effort(), 5)
    splits = [*by_student(case, effort, n), later(case, effort, oulad_daily.LATER)]
    crossed, lately = predict(splits, log, jobs).values()
    bare = replace(case, published={})
    found["results"] |= {
        "OULAD daily, by student, still registered": compare(case, crossed, case.counted),
        "OULAD daily, by student, with those who had left": compare(
            bare, crossed, case.weekly.known
        ),
        "OULAD daily, earlier to AAA-2014J, still registered": compare(bare, lately, case.counted),
    }
    found["drop_on_later"][case.name] = drop(case, crossed, lately)
    found["flags"] = _flags(indicators.read(data / "dropout_indicators"), case, crossed)
    log("daily: canary")
    eight = replace(case, cuts={"8": case.cuts["8"]})
    found["canary"] = canary(eight, shuffles=4 if quick else 20, effort=TINY)


def _sums(found: dict[str, Any], tables: oulad.Tables, quick: bool, jobs: int, log: Log) -> None:
    case = oulad_sums.case(tables)
    case = some_students(case, 2000) if quick else case
    effort, n = (replace(QUICK, variants=False), 2) if quick else (MANY, 5)
    splits = [*by_student(case, effort, n), later(case, effort, oulad_sums.LATER)]
    crossed, lately = predict(splits, log, jobs).values()
    after = replace(case, published=oulad_sums.PUBLISHED_LATER)
    found["results"] |= {
        "OULAD sums, by student, all": compare(case, crossed, case.counted, resamples=200),
        "OULAD sums, earlier to 2014J, all": compare(after, lately, case.counted, resamples=200),
    }
    found["drop_on_later"][case.name] = drop(case, crossed, lately)


def _hsls(found: dict[str, Any], data: Path, quick: bool, jobs: int, log: Log) -> None:
    school = hsls.read(data / "hsls09")
    case = some_students(school.case, 2000) if quick else school.case
    effort, n = (replace(QUICK, variants=False), 2) if quick else (SHORT, 5)
    (crossed,) = predict(by_student(case, effort, n), log, jobs).values()
    found["results"]["HSLS:09, by student"] = compare(case, crossed, case.counted, resamples=200)
    if not quick:
        found["recall"] = _recall(school, crossed)


def future_rows(tables: oulad.Tables, daily: Case) -> dict[str, bool]:
    """Whether inputs stay the same when all that is dated after a cut is taken away."""
    found = {}
    for label, step in daily.cuts.items():
        then = oulad.weekly(oulad.up_to(tables, 7 * step - 1), oulad.DAILY)
        same = np.array_equal(
            then.values[:, : step + 1], daily.weekly.values[:, : step + 1], equal_nan=True
        )
        found[label] = same and bool((then.registered[:, step] == daily.counted[:, step]).all())
        assert found[label], f"inputs of week {label} change with what came after it"
    return found


def _flags(
    published: dict[str, tuple[float, float]], daily: Case, crossed: dict[str, Array]
) -> dict[str, Any]:
    """Published flags, and on OULAD the sensitivity of ours at the same specificity."""
    ours: dict[str, Any] = {}
    for at, (label, step) in enumerate(daily.cuts.items()):
        ok = daily.counted[:, step]
        positive = daily.weekly.at_risk[ok]
        rule = crossed["ABC-like rule"][ok, at]
        ours[label] = {
            "rule, one flag": indicators.of_flag(rule >= 1, positive),
            "rule, two flags": indicators.of_flag(rule >= 2, positive),
            **{
                f"{model} at {specificity}": indicators.sensitivity_at(
                    crossed[model][ok, at], positive, specificity
                )
                for model in ("boosting", "GRU ensemble", "blend")
                for _, specificity in published.values()
            },
        }
    return {"published": published, "oulad": ours}


def _recall(school: hsls.School, logits: dict[str, Array]) -> dict[str, Any]:
    """By sex and race, when the fifth with the highest scores is flagged."""
    positive = school.case.weekly.at_risk
    return {
        model: {
            name: hsls.recall_by_group(logits[model][:, 0], positive, group)
            for name, group in school.groups.items()
        }
        for model in ("logistic", "boosting", "GRU ensemble", "blend")
    }


def _goals(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each goal, the figure reached, and whether it was."""
    goals: dict[str, dict[str, Any]] = {}
    still = found["results"].get("OULAD daily, by student, still registered", {})
    for week in ("4", "8", "12", "16"):
        if week in still:
            of = still[week]["models"]
            goals[f"OULAD daily, week {week}: boosting + .010, interval above 0"] = {
                "model": OURS,
                "reached": of[OURS]["difference"],
                "interval": [of[OURS]["low"], of[OURS]["high"]],
                "met": of[OURS]["difference"] >= 0.01 and of[OURS]["low"] > 0,
            }
    for week, lost in found["drop_on_later"].get("OULAD daily", {}).items():
        goals[f"OULAD daily, week {week}: drop on AAA-2014J at most .020"] = {
            "model": OURS,
            "reached": lost[OURS]["difference"],
            "interval": [lost[OURS]["low"], lost[OURS]["high"]],
            "met": lost[OURS]["difference"] <= 0.02,
        }
    for name, at, goal in (
        ("OULAD sums, by student, all", "8", 0.835),
        ("HSLS:09, by student", "grade 11", 0.795),
    ):
        if name not in found["results"]:
            continue
        of = found["results"][name][at]["models"]
        goals[f"{name}, {at}: {goal}"] = {
            "model": OURS,
            "reached": of[OURS]["auc"],
            "met": of[OURS]["auc"] >= goal,
        }
    if "canary" in found:
        goals["canary: .50, .02 either way"] = {
            "model": "all",
            "reached": found["canary"],
            "met": all(abs(value - 0.5) <= 0.02 for value in found["canary"].values()),
        }
    return goals


def show(found: dict[str, Any]) -> None:
    """Print every table."""
    console = Console(width=None if sys.stdout.isatty() else 170)
    for title, rows in found["results"].items():
        names = list(next(iter(rows.values()))["models"])
        table = Table(title=f"{title}: AUC, and the difference to boosting with its 95 % interval")
        for column in ("at", "students", "at risk", *names, "published"):
            table.add_column(column, justify="right" if column != "at" else "left")
        for label, row in rows.items():
            table.add_row(
                label,
                f"{row['students']:,}",
                f"{row['at_risk']:,}",
                *(_cell(row["models"][name]) for name in names),
                row["published"] or "–",
            )
        console.print(table)
    if "flags" in found:
        console.print(_flags_table(found["flags"]))
    table = Table(title="Goals")
    for column in ("goal", "by", "reached", "met"):
        table.add_column(column)
    for name, goal in found["goals"].items():
        reached = f"{goal['reached']} {goal.get('interval', '')}"
        table.add_row(name, goal["model"], reached, "yes" if goal["met"] else "no")
    console.print(table)


def _flags_table(flags: dict[str, Any]) -> Table:
    table = Table(title="Published dropout flags beside OULAD (context: not the same students)")
    for column in ("flag", "sensitivity", "specificity"):
        table.add_column(column)
    for name, (sensitivity, specificity) in flags["published"].items():
        table.add_row(name, f"{sensitivity:.3f}", f"{specificity:.3f}")
    for label, of in flags["oulad"].items():
        for name, value in of.items():
            if isinstance(value, tuple | list):
                table.add_row(f"OULAD week {label}: {name}", f"{value[0]:.3f}", f"{value[1]:.3f}")
            else:
                model, _, specificity = name.rpartition(" at ")
                table.add_row(f"OULAD week {label}: {model}", f"{value:.3f}", specificity)
    return table


def _cell(figures: dict[str, float]) -> str:
    value = f"{figures['auc']:.3f}"
    if "difference" not in figures:
        return value
    low, high = figures["low"], figures["high"]
    return f"{value}\n{figures['difference']:+.3f} [{low:+.3f}, {high:+.3f}]"


def main(arguments: list[str]) -> int:
    """Read the options, run, show or print; the exit code."""
    parser = argparse.ArgumentParser(prog="bench outcomes", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        found = run(given.data, quick=given.quick, parts=tuple(given.parts), jobs=given.jobs)
    except EduPulseError as error:
        print(f"edupulse: {error}", file=sys.stderr)
        return error.exit_code
    if given.out is not None:
        given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if given.json:
        print(json.dumps(found))
    else:
        show(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
