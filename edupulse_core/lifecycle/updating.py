"""A light update of the version that serves: a low-rate pass over what is new, with old cases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.config import Settings
from edupulse_core.errors import RefusedError
from edupulse_core.families import version as folders
from edupulse_core.families.family import Taught
from edupulse_core.lifecycle import comparison, registry, retraining, triggers
from edupulse_core.lifecycle.retraining import Course
from edupulse_core.progress import Cancel, Progress
from edupulse_core.store import verdicts
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import snapshots

UP_TO = "learned_up_to"  # of what an update notes: the last week with an outcome
REPLAY = 1.0  # old cases for each new one, so that what was learned is not forgotten


def update(
    settings: Settings,
    name: str,
    *,
    by: str = "",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> dict[str, Any]:
    """Let the version that serves learn from the outcomes and verdicts that came since.

    Saves a new version, whose parent is the one that serves; returns its metrics. Raises
    RefusedError where there is nothing new, or where its algorithm can only learn from the start.
    by: who asked for it.
    """
    folder = registry.active_version(settings, name)
    about = folders.check(folder)
    course = retraining.course(settings, name, progress=progress, cancel=cancel)
    how = retraining.algorithm_of(course.family, about)
    if how.update is None:
        raise RefusedError(
            f"{about.version} cannot go on learning: its algorithm learns from the start only; "
            f"run `edupulse train {name}`"
        )
    since = _learned_up_to(settings, folder)
    told = _verdicts(settings, course, name)
    rows, n_new = _rows(course.split.train.day, since)
    if not n_new and not told:
        raise RefusedError(
            f"no outcome and no verdict came since {about.version} was trained: nothing to learn"
        )
    learned = course.split.train.of(rows)
    if told and course.family.watching is not None and course.family.watching.teach is not None:
        with snapshots.connect(settings, features=True) as con:
            learned = course.family.watching.teach(con, settings.all_rules, learned, told)
    algorithm = about.algorithm or next(iter(course.family.algorithms))
    noted = {"updated_from": about.version, "new": n_new, "verdicts": len(told)}
    end = str(course.split.train.day.max())
    made = replace(course, split=replace(course.split, train=learned)).train(
        algorithm,
        how.update(how.plan()),
        noted={**noted, "created_by": by, UP_TO: end},
        start=folders.opened(how.open, folder),
    )
    return made.as_json() | noted


def side_by_side(
    settings: Settings, name: str, versions: Sequence[str], *, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Several versions on the newest weeks, of students that none has learned from.

    Each row has the version, its measures, and how far each is from the first version's, with an
    interval over the students. Raises RefusedError where no outcome is known.
    """
    first, rows = versions[0], list[dict[str, Any]]()
    for each in versions[1:]:
        found = comparison.weigh(settings, name, first, each, progress=progress).compared
        if not rows:
            rows.append({"version": first, **{n: m.a for n, m in found.metrics.items()}})
        rows.append(
            {
                "version": each,
                **{n: m.b for n, m in found.metrics.items()},
                "ahead": {n: m.difference.model_dump() for n, m in found.metrics.items()},
            }
        )
    return rows


def _learned_up_to(settings: Settings, folder: Any) -> date:
    """The last week whose outcome a version learned here; date.min if it was not trained here.

    A week that only verdicts told of may lie later: its outcome is still new.
    """
    with snapshots.connect(settings, features=True) as con:
        here = triggers.last_learned(con, folder) > date.min
    made = registry.metrics_of(folder).get("made", {})
    end = made.get(UP_TO) or folders.header(folder).data_range[1]
    return date.fromisoformat(end) if here else date.min


def _rows(day: NDArray[np.datetime64], since: date) -> tuple[NDArray[np.int64], int]:
    """The cases to learn from: all new ones, and as many old ones; and how many are new."""
    new = np.flatnonzero(day > np.datetime64(since))
    old = np.flatnonzero(day <= np.datetime64(since))
    size = min(len(old), round(REPLAY * len(new)) or len(old))  # verdicts alone: replay them all
    replayed = np.random.default_rng(0).choice(old, size, replace=False)
    return np.sort(np.concatenate([new, replayed])), len(new)


def _verdicts(settings: Settings, course: Course, name: str) -> list[Taught]:
    """What staff said, about students whom the version may learn from.

    Students of validation and test are left out, so that these parts stay unseen.
    """
    others = {*course.split.validation.who.tolist(), *course.split.test.who.tolist()}
    return [
        Taught(each.student_id, each.as_of - timedelta(days=6), each.is_positive)
        for each in verdicts.listed(open_store(settings), name)
        if each.student_id not in others
    ]
