"""Real students whose outcome is known: the network beside what a school could use instead.

`edupulse bench outcomes [--data DIR] [--quick] [--json] [--out FILE]`. DIR holds
the folders `oulad`, `hsls09` and `dropout_indicators`; any folder with the same files will do, so
that later cohorts can be tried.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from edupulse_core.config import REPOSITORY
from edupulse_core.errors import InputError
from tests.benchmarks.command import Log, carry_out, count, to_stderr
from tests.benchmarks.outcomes import (
    hsls,
    indicators,
    other_courses,
    oulad,
    oulad_daily,
    oulad_sums,
)
from tests.benchmarks.outcomes.models import QUICK, RULE, Array, Effort
from tests.benchmarks.outcomes.protocol import (
    BY_STUDENT,
    FOLDS,
    LATER,
    OTHER_COURSES,
    Split,
    by_student,
    canary,
    compare,
    drop,
    later,
    predict,
    some_students,
)
from tests.benchmarks.outcomes.report import goals, tables
from tests.benchmarks.outcomes.weekly import Case

DATA = REPOSITORY.parent / "shared" / "data"
MANY = Effort(inner=2, seeds=1, epochs=6, batch=512, variants=False)  # over 20,000 students
SHORT = Effort(inner=2, seeds=2, epochs=10, batch=256, variants=False)  # two steps only
TINY = Effort(inner=2, seeds=1, epochs=2)
TAUGHT = ("logistic", "boosting", "GRU ensemble", "blend")  # shown with the other courses' input
Found = dict[str, Any]


def run(
    data: Path,
    *,
    quick: bool = False,
    parts: Sequence[str] = (),
    jobs: int = 2,
    out: Path | None = None,
    log: Log = to_stderr,
) -> Found:
    """All figures of some parts, or of all; a sentence where the data is not what it should be.

    out: where they are written after each part; InputError before the first where that cannot be.
    """
    if not data.is_dir():
        raise InputError(
            f"there is no folder {data}: --data DIR names one with oulad (Open University Learning "
            "Analytics), hsls09 (NCES HSLS:09) and dropout_indicators (Bowers 2013); "
            "docs/measured.md, Real outcomes, says which files and where they come from"
        )
    if out is not None:
        _check_writable(out)
    started = time.monotonic()
    found: Found = {
        "quick": quick,
        "partial": True,  # until all parts are done
        "command": "edupulse bench outcomes --data DIR",
        "folds": FOLDS,
        "results": {},
        "drop_on_later": {},
        "notes": [],
    }
    left = set(PARTS)
    for part in parts or PARTS:
        log(f"{part}: reading")
        PARTS[part](found, data, quick, jobs, log)
        left.discard(part)
        found["partial"] = bool(left)
        found["goals"] = goals(found)
        found["seconds"] = round(time.monotonic() - started)
        if out is not None:
            out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def _check_writable(file: Path) -> None:
    was_there = file.exists()
    try:
        file.open("a").close()
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}") from None
    if not was_there:
        file.unlink()


def _daily(found: Found, data: Path, quick: bool, jobs: int, log: Log) -> None:
    read = oulad.read(data / "oulad")
    published = indicators.read(data / "dropout_indicators")
    case = oulad_daily.case(read, (4, 8) if quick else oulad_daily.WEEKS)
    found["future_rows_removed"] = future_rows(read, case)
    log("daily: rows after a cut taken away, same inputs")
    effort, n = (QUICK, 2) if quick else (Effort(), 5)
    names = oulad.with_daily_clicks(read)
    last = oulad.last(read, names)
    earlier = oulad.ended(read, names, last)
    others = sorted(set(oulad.presentation(read.info)) - set(names))
    splits = by_student(case, effort, n)
    if others:
        log("daily: learning from the other courses")
        splits += by_student(_taught(case, read, others), replace(effort, variants=False), n)
    splits += _later(found, case, effort, earlier, last)
    before = oulad.ended(read, others, last)
    if earlier and before:
        taught = _taught(case, read, before)
        splits.append(later(taught, replace(effort, variants=False), earlier, last))
    logits = predict(splits, log, jobs)
    crossed, lately = (_with_taught(logits, case, of) for of in (BY_STUDENT, LATER))
    bare = replace(case, published={})
    found["results"] |= {
        "OULAD daily, by student, still registered": compare(case, crossed, case.counted),
        "OULAD daily, by student, with those who had left": compare(
            bare, crossed, case.weekly.known, resamples=200
        ),
    }
    if earlier:
        title = f"OULAD daily, earlier to {', '.join(last)}, still registered"
        found["results"][title] = compare(bare, lately, case.counted)
        found["drop_on_later"][case.name] = drop(case, crossed, lately)
    found["flags"] = _flags(published, case, crossed)
    log("daily: canary")
    week = max((label for label, step in case.cuts.items() if step <= 8), key=int)
    one = replace(case, cuts={week: case.cuts[week]})
    found["canary"] = canary(one, shuffles=4 if quick else 20, effort=TINY)


def _taught(case: Case, read: oulad.Tables, teachers: list[str]) -> Case:
    return replace(other_courses.add(case, read, teachers), name=f"{case.name}{OTHER_COURSES}")


def _with_taught(
    logits: dict[str, dict[str, Array]], case: Case, protocol: str
) -> dict[str, Array]:
    """All models of a protocol, those that saw the other courses' input after the others."""
    taught = logits.get(f"{case.name}{OTHER_COURSES}, {protocol}", {})
    return logits.get(f"{case.name}, {protocol}", {}) | {
        f"{model}{OTHER_COURSES}": taught[model] for model in TAUGHT if model in taught
    }


def _later(
    found: Found, case: Case, effort: Effort, earlier: list[str], last: list[str]
) -> list[Split]:
    """The test on the last presentations, or a note of why there is none."""
    if earlier:
        return [later(case, effort, earlier, last)]
    found["notes"].append(
        f"{case.name}: no presentation had ended when {', '.join(last)} began, so nothing is "
        "tested on a later one."
    )
    return []


def _sums(found: Found, data: Path, quick: bool, jobs: int, log: Log) -> None:
    read = oulad.read(data / "oulad")
    case = oulad_sums.case(read)
    names = sorted(set(case.weekly.presentation))
    case = some_students(case, 2000) if quick else case
    effort, n = (replace(QUICK, variants=False), 2) if quick else (MANY, 5)
    splits = by_student(case, effort, n)
    last = oulad.last(read, names)
    earlier = oulad.ended(read, names, last)
    splits += _later(found, case, effort, earlier, last)
    logits = predict(splits, log, jobs)
    crossed = logits[f"{case.name}, {BY_STUDENT}"]
    found["results"]["OULAD sums, by student, all"] = compare(
        case, crossed, case.counted, resamples=200
    )
    if earlier:
        lately = logits[f"{case.name}, {LATER}"]
        after = replace(case, published=oulad_sums.PUBLISHED_LATER)
        title = f"OULAD sums, earlier to {last[0].partition('-')[2]}, all"
        found["results"][title] = compare(after, lately, case.counted, resamples=200)
        found["drop_on_later"][case.name] = drop(case, crossed, lately)


def _hsls(found: Found, data: Path, quick: bool, jobs: int, log: Log) -> None:
    school = hsls.read(data / "hsls09")
    case = some_students(school.case, 2000) if quick else school.case
    effort, n = (replace(QUICK, variants=False), 2) if quick else (SHORT, 5)
    (crossed,) = predict(by_student(case, effort, n), log, jobs).values()
    found["results"]["HSLS:09, by student"] = compare(case, crossed, case.counted, resamples=200)
    if not quick:
        found["recall"] = _by_group(hsls.recall_by_group, school, crossed)
        found["recall_gaps"] = _by_group(hsls.recall_gap, school, crossed)


PARTS: dict[str, Callable[[Found, Path, bool, int, Log], None]] = {
    "daily": _daily,
    "hsls": _hsls,
    "sums": _sums,
}


def future_rows(read: oulad.Tables, daily: Case) -> dict[str, bool]:
    """Whether inputs stay the same when all that is dated after a cut is taken away."""
    found = {}
    now = other_courses.inputs(daily.weekly, other_courses.clicks_in_days(read, daily.weekly))
    for label, step in daily.cuts.items():
        known, seen = oulad.up_to(read, 7 * step - 1), slice(step + 1)
        then = oulad.weekly(known, oulad.with_daily_clicks(read))
        taught = other_courses.inputs(then, other_courses.clicks_in_days(known, then))
        found[label] = (
            np.array_equal(then.values[:, seen], daily.weekly.values[:, seen], equal_nan=True)
            and np.array_equal(taught[:, seen], now[:, seen], equal_nan=True)
            and bool((then.registered[:, step] == daily.counted[:, step]).all())
        )
        assert found[label], f"inputs of week {label} change with what came after it"
    return found


def _flags(
    published: dict[str, tuple[float, float]], daily: Case, crossed: dict[str, Array]
) -> Found:
    """Published flags, and on OULAD the sensitivity of ours at the same specificity."""
    ours: Found = {}
    for at, (label, step) in enumerate(daily.cuts.items()):
        ok = daily.counted[:, step]
        positive = daily.weekly.at_risk[ok]
        rule = crossed[RULE][ok, at]
        ours[label] = {
            "rule": {
                f"at least {flags} flagged": indicators.of_flag(rule >= flags, positive)
                for flags in (1, 2)
            },
            **{
                model: {
                    name: (
                        indicators.sensitivity_at(crossed[model][ok, at], positive, specificity),
                        specificity,
                    )
                    for name, (_, specificity) in published.items()
                }
                for model in ("boosting", "GRU ensemble", "blend")
            },
        }
    return {"published": published, "oulad": ours}


def _by_group(
    measure: Callable[..., Found], school: hsls.School, logits: dict[str, Array]
) -> Found:
    """By sex and race, when the fifth with the highest scores is flagged."""
    positive = school.case.weekly.at_risk
    return {
        model: {
            name: measure(logits[model][:, 0], positive, group)
            for name, group in school.groups.items()
        }
        for model in ("logistic", "boosting", "GRU ensemble", "blend")
    }


def main(arguments: list[str]) -> int:
    """Read the options, run, print, keep; the exit code."""
    return carry_out(
        "outcomes",
        lambda _, **given: run(**given),
        arguments,
        tables=tables,
        options={
            "--data": {"type": Path, "default": DATA},
            "--out": {"type": Path},
            "--parts": {"nargs": "+", "choices": tuple(PARTS), "default": tuple(PARTS)},
            "--jobs": {"type": count, "default": 2},
        },
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
