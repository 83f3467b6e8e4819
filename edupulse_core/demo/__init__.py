"""A fictional district, written as an import bundle, with the truth about it in `truth/`.

Students have latent engagement, skill and conduct that drift, act on each other and are hit by
episodes (`episodes`); a step of `dynamics` is one week. What happened (`rollout`) and the many
futures behind the oracle (`truth`) go through the same step. Everything follows from the seed.

In `users.csv` adults carry the role names of OneRoster 1.2, which says more than 1.1:
`teacher`, `principal` (of the school in orgSourcedIds), `counselor` (with a caseload),
`districtAdministrator` (the district lead) and `siteAdministrator` (the data steward).
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from edupulse_core.demo import records, roster
from edupulse_core.demo.bundle import FILES, Folder
from edupulse_core.demo.calendar import SchoolYear, last_sunday, school_years
from edupulse_core.demo.finishing import UNFINISHED, finished
from edupulse_core.demo.learning import FILES as LEARNING_FILES
from edupulse_core.demo.learning import TRUTH as LEARNING_TRUTH
from edupulse_core.demo.learning import Learning, see
from edupulse_core.demo.oracle import Oracle
from edupulse_core.demo.population import draw_district
from edupulse_core.demo.rollout import Group, live, make_group
from edupulse_core.progress import Progress

SEED = 2026
_GROUP = 1500  # students of three schools, about


def write(
    out: Path,
    *,
    students: int = 1200,
    years: int = 2,
    weeks: int = 24,
    end: date | None = None,
    seed: int = SEED,
    progress: Progress | None = None,
    truth: bool = True,
    learning: bool = True,
    futures: int = 64,
    every: int = 4,
) -> None:
    """Write a district to a folder, and its truth to `truth/` in that folder.

    The files appear together at the end. If the process is killed while they are moved into place,
    no import accepts the bundle. Raises RefusedError while another process writes there.

    end: the last week ends on the Sunday on or before this day; by default, the last Sunday.
    learning: also the learning records, such as answers and applications. The other files are the
    same without them.
    futures: how many are simulated for each student and week that the oracle judges.
    every: the oracle judges every n-th week, and the last one.
    """
    end = last_sunday(end or date.today() - timedelta(days=1))
    calendar = school_years(end, years, weeks, np.random.default_rng([seed, 9]))
    counts = roster.Counts()
    with finished(out) as made, ExitStack() as files:
        bundle = files.enter_context(closing(Folder(made, FILES)))
        told, lessons = None, None
        if truth:
            told = files.enter_context(closing(Oracle(made / "truth", futures, every)))
        if learning:
            lessons = _begin_learning(made, truth, seed, files)
        roster.write_district(bundle, calendar, _n_groups(students), seed, counts)
        for number, group in enumerate(groups(calendar, students=students, weeks=weeks, seed=seed)):
            _write_group(bundle, group, number, counts, told, lessons)
            if progress is not None:
                progress("students", counts.students, students)


def groups(
    calendar: tuple[SchoolYear, ...], *, students: int, weeks: int, seed: int
) -> Iterator[Group]:
    """The feeder groups of a district before the first week."""
    district = draw_district(np.random.default_rng([seed, 0]))
    for number, part in enumerate(np.array_split(np.arange(students), _n_groups(students))):
        yield make_group((seed, 7, number), len(part), district, calendar, weeks)


def _n_groups(students: int) -> int:
    return max(1, round(students / _GROUP))


def _begin_learning(made: Path, truth: bool, seed: int, files: ExitStack) -> Learning:
    out = files.enter_context(closing(Folder(made, LEARNING_FILES)))
    told = None
    if truth:
        told = files.enter_context(closing(Folder(made / "truth", LEARNING_TRUTH)))
    return Learning.begin(out, told, seed)


def _write_group(
    bundle: Folder,
    group: Group,
    number: int,
    counts: roster.Counts,
    oracle: Oracle | None,
    lessons: Learning | None,
) -> None:
    books = [records.YearBook(plan, []) for plan in group.plans]
    first, seen = counts.students, []
    for happened in live(group):
        at = group.plans.index(happened.plan)
        books[at].weeks.append(happened.record)
        if oracle is not None:
            oracle.note(group, happened, first, is_last=at == len(books) - 1)
        if lessons is not None:
            seen.append(see(group, happened))
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
    if lessons is not None:
        lessons.write_group(group, seen, ids.students, counts)


__all__ = ["SEED", "UNFINISHED", "SchoolYear", "write"]
