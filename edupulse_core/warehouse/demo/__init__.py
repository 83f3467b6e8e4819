"""A made-up district, written as an import bundle, with the truth about it beside it.

Students have latent engagement, skill and conduct that drift, act on each other and are hit by
episodes (`episodes`); a step of `dynamics` is one week. What happened (`rollout`) and the many
futures behind the oracle (`truth`) go through the same step. Everything follows from the seed.

In `users.csv` adults carry the role names of OneRoster 1.2, which says more than 1.1:
`teacher`, `principal` (of the school in orgSourcedIds), `counselor` (with a caseload),
`districtAdministrator` (the district lead) and `siteAdministrator` (the data steward).
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from edupulse_core.warehouse.demo import records, roster, truth
from edupulse_core.warehouse.demo.bundle import FILES, TRUTH, Folder, look_up
from edupulse_core.warehouse.demo.calendar import SchoolYear, last_sunday, school_years
from edupulse_core.warehouse.demo.episodes import NAMES
from edupulse_core.warehouse.demo.population import draw_district
from edupulse_core.warehouse.demo.rollout import Group, Happened, live, make_group

SEED = 2026
_GROUP = 1500  # students of three schools, about
_RISK = pa.schema(
    [
        ("student_id", pa.string()),
        ("week_start", pa.date32()),
        ("severity", pa.float32()),
        ("p_any", pa.float32()),
        ("p_high", pa.float32()),
    ]
)


def write(
    out: Path,
    *,
    students: int = 1200,
    years: int = 2,
    weeks: int = 24,
    end: date | None = None,
    seed: int = SEED,
    progress: Callable[[str, int, int], None] | None = None,
    truth: bool = True,
    futures: int = 64,
    every: int = 4,
) -> None:
    """Write a district of so many students to a folder, and its truth to `truth/` in it.

    end: the Sunday (or the day after it) on which the last year's given week ends; by default the
    most recent one.  futures: lived through for each evaluated student-week.  every: so many weeks
    the oracle answers, and in the latest.
    """
    end = last_sunday(end or date.today() - timedelta(days=1))
    calendar = school_years(end, years, weeks, np.random.default_rng([seed, 9]))
    district = draw_district(np.random.default_rng([seed, 0]))
    n_groups = max(1, round(students / _GROUP))
    sizes = [len(part) for part in np.array_split(np.arange(students), n_groups)]
    counts = roster.Counts()
    with Folder(out, FILES) as bundle:
        roster.write_district(bundle, calendar, n_groups, seed, counts)
        oracle = _Oracle(out / "truth", futures, every) if truth else None
        for number, size in enumerate(sizes):
            group = make_group((seed, 7, number), size, district, calendar, weeks)
            _write_group(bundle, group, number, counts, oracle)
            if progress is not None:
                progress("students", sum(sizes[: number + 1]), students)
        if oracle is not None:
            oracle.close()


def _write_group(
    bundle: Folder, group: Group, number: int, counts: roster.Counts, oracle: "_Oracle | None"
) -> None:
    books = [records.YearBook(plan, []) for plan in group.plans]
    first = counts.students
    for happened in live(group):
        at = group.plans.index(happened.plan)
        books[at].weeks.append(happened.record)
        if oracle is not None:
            oracle.note(group, happened, first, is_last=at == len(books) - 1)
        here = happened.state.active
    ids = roster.write_people(bundle, group, number, counts, here)
    for at, book in enumerate(books):
        class_ids = roster.write_classes(bundle, book.plan, ids, counts)
        _, ends = book.left()
        roster.write_enrollments(bundle, book.plan, ids, class_ids, book.came, ends, counts)
        seed = [*group.seed, 8, at]
        records.write_attendance(bundle, book, ids, class_ids, [*seed, 0], counts)
        records.write_incidents(bundle, book, ids, [*seed, 1], counts)
        records.write_gradebook(bundle, book, ids, class_ids, [*seed, 2], counts)
        records.write_withdrawals(bundle, book, ids, is_over=at < len(books) - 1)


class _Oracle:
    """Collects the truth of every group into the files of `truth/`."""

    def __init__(self, path: Path, n_futures: int, every: int) -> None:
        self._folder = Folder(path, TRUTH)
        self._risk = parquet.ParquetWriter(path / "risk.parquet", _RISK)
        self._n_futures, self._every = n_futures, every
        modalities, groups, features = map(list, zip(*truth.FEATURES, strict=True))
        self._folder["feature_groups"].write(
            len(features),
            {"modality": modalities, "feature_group": groups, "feature": features},
        )

    def note(self, group: Group, happened: Happened, first: int, *, is_last: bool) -> None:
        """Write what acted on whom this week and, in evaluated weeks, what was likely."""
        monday = pa.scalar(happened.plan.year.mondays[happened.week], pa.date32())
        for found in truth.causes(happened):
            n = len(found.rows)
            self._folder["causes"].write(
                n,
                {
                    "student_id": roster.student_ids(first + found.rows),
                    "week_start": pa.repeat(monday, n),
                    "modality": look_up([name for name, _ in truth.GROUPS], found.group),
                    "feature_group": look_up([name for _, name in truth.GROUPS], found.group),
                    "cause": look_up(NAMES, found.cause),
                    "strength": found.strength,
                },
            )
        if truth.is_evaluated(happened, self._every, is_last=is_last):
            risk = truth.foresee(group, happened, self._n_futures)
            columns = [
                roster.student_ids(first + risk.rows),
                pa.repeat(monday, len(risk.rows)),
                *(pa.array(value) for value in (risk.severity, risk.p_any, risk.p_high)),
            ]
            self._risk.write_table(pa.table(columns, schema=_RISK))

    def close(self) -> None:
        """Finish the files."""
        self._folder.__exit__(None, None, None)
        self._risk.close()


__all__ = ["SEED", "SchoolYear", "write"]
