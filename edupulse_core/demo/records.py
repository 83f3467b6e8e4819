"""What schools record week by week: attendance, grades, incidents and withdrawals."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from edupulse_core.demo import states
from edupulse_core.demo.bundle import Folder, look_up, numbered
from edupulse_core.demo.population import COURSES
from edupulse_core.demo.rollout import Plan
from edupulse_core.demo.roster import Counts, GroupIds

_REASONS = ("excused", "unexcused", "suspension")
_TYPES = (
    ("tardiness to class", "phone use", "dress code", "disruption"),
    ("disruption", "disrespect", "defiance", "skipping class"),
    ("disrespect", "inappropriate language", "vandalism", "harassment"),
    ("fighting", "bullying", "theft", "threat"),
    ("fighting", "assault", "substance possession", "weapon"),
)
_ITEMS = ("Quiz", "Homework", "Project", "Classwork", "Test")
_POINTS = np.array([10.0, 20.0, 50.0, 100.0])
_LEFT = ("", "transfer", "dropout", "other", "graduated")


@dataclass
class YearBook:
    """One school year as it was recorded."""

    plan: Plan
    weeks: list[states.Week]

    @property
    def came(self) -> NDArray[np.bool_]:
        """Who was enrolled on any day."""
        came = np.zeros(len(self.plan.begins), bool)
        for week in self.weeks:
            came |= week.enrolled.any(axis=1)
        return came

    def left(self) -> tuple[NDArray[np.int8], NDArray[np.datetime64]]:
        """Why each student left (0: did not), and the first day out."""
        n = len(self.plan.begins)
        why = np.zeros(n, np.int8)
        day = np.full(n, np.datetime64(self.plan.year.end, "D"))
        for at, week in enumerate(self.weeks):
            who = np.flatnonzero(week.left)
            monday = np.datetime64(self.plan.year.mondays[at], "D")
            why[who] = week.left[who]
            day[who] = monday + week.left_day[who]
        return why, day


def _mondays(book: YearBook) -> NDArray[np.datetime64]:
    return np.array(book.plan.year.mondays, "datetime64[D]")


def write_attendance(
    out: Folder, book: YearBook, ids: GroupIds, class_ids: pa.Array, seed: list[int], counts: Counts
) -> None:
    """Write whole days absent, parts of days, and late arrivals."""
    rng = np.random.default_rng(seed)
    minutes = np.stack([week.minutes for week in book.weeks])  # (weeks, n, 5)
    reason = np.stack([week.reason for week in book.weeks])
    tardy = np.stack([week.tardy for week in book.weeks])
    at, who, day = np.nonzero((minutes > 0) | tardy)
    missed, why = minutes[at, who, day], reason[at, who, day]
    late = tardy[at, who, day]
    secondary = book.plan.fixed.grade[who] >= 6
    by_period = secondary & (late | ((missed < states.DAY) & (rng.random(len(who)) < 0.7)))
    rows = np.where(by_period & ~late, missed // states.PERIOD, 1)
    first = rng.integers(0, COURSES, len(who))
    first[late & (rng.random(len(who)) < 0.5)] = 0
    row = np.repeat(np.arange(len(who)), rows)
    nth = np.arange(len(row)) - np.repeat(rows.cumsum() - rows, rows)
    course = (first[row] + nth) % COURSES
    in_class = by_period[row]
    status = np.where(late, 2, np.where((missed < states.DAY) & ~by_period, 1, 0))
    mins = np.where(in_class, states.PERIOD, missed[row])
    blank = (mins == states.DAY) | late[row] | ((mins == 195) & (rng.random(len(row)) < 0.5))
    dates = _mondays(book)[at] + day
    n = len(row)
    out["attendance"].write(
        n,
        {
            "sourcedId": numbered("ATT", counts.take("attendance", n), 8),
            "studentSourcedId": look_up(ids.students, who[row]),
            "date": dates[row],
            "status": look_up(["absent", "partial", "tardy"], status[row]),
            "reason": look_up(_REASONS, np.where(late, -1, why)[row]),
            "classSourcedId": look_up(
                class_ids, np.where(in_class, book.plan.placed[who[row], course], -1)
            ),
            "minutesMissed": pa.array(mins, pa.int16(), mask=blank),
        },
    )


def write_incidents(
    out: Folder, book: YearBook, ids: GroupIds, seed: list[int], counts: Counts
) -> None:
    """Write every incident and what the school did about it."""
    rng = np.random.default_rng(seed)
    number = np.stack([week.incidents for week in book.weeks])
    at, who = np.nonzero(number)
    rows = number[at, who].astype(np.int64)
    row = np.repeat(np.arange(len(who)), rows)
    second = np.arange(len(row)) > np.repeat(rows.cumsum() - rows, rows)

    def each(name: str) -> NDArray[np.int64]:
        values = np.stack([getattr(week, name) for week in book.weeks])[at, who]
        return values.astype(np.int64)[row]

    severity = np.maximum(each("severity") - second, 1)
    action = np.where(second, 1, each("action"))
    removed = np.where(second, 0, each("days_removed"))
    kinds = np.array(_TYPES)[severity - 1, rng.integers(0, 4, len(row))]
    n = len(row)
    out["incidents"].write(
        n,
        {
            "sourcedId": numbered("INC", counts.take("incidents", n), 7),
            "studentSourcedId": look_up(ids.students, who[row]),
            "date": _mondays(book)[at][row] + each("incident_day"),
            "type": pa.array(kinds.tolist(), pa.string()),
            "severity": severity,
            "action": look_up(states.ACTIONS, action),
            "daysRemoved": pa.array(removed, pa.int64(), mask=removed == 0),
        },
    )


def write_withdrawals(out: Folder, book: YearBook, ids: GroupIds, is_over: bool) -> None:
    """Write who left and why; in a year that is over, also who graduated."""
    why, day = book.left()
    graduates = book.came & (why == 0) & (book.plan.fixed.grade == 12) & is_over
    why = np.where(graduates, len(_LEFT) - 1, why)
    who = np.flatnonzero(why)
    out["withdrawals"].write(
        len(who),
        {
            "studentSourcedId": look_up(ids.students, who),
            "date": day[who],
            "reason": look_up(_LEFT, why[who]),
        },
    )


def write_gradebook(
    out: Folder, book: YearBook, ids: GroupIds, class_ids: pa.Array, seed: list[int], counts: Counts
) -> None:
    """Write the work due in every class and each student's result."""
    plan, n_weeks = book.plan, len(book.weeks)
    rng = np.random.default_rng(seed)
    room, week = np.nonzero(plan.works[:, :n_weeks])
    numbers = counts.take("line_items", len(room))
    items = np.full(plan.works.shape, -1, np.int64)
    items[room, week] = np.arange(len(room))
    item_ids = numbered("ITM", numbers, 7)
    points = _POINTS[rng.integers(0, len(_POINTS), len(room))]
    due = _mondays(book)[week] + plan.due_day[room, week]
    kind = np.where(points == 100, 4, rng.integers(0, 4, len(room)))
    titles = [f"{_ITEMS[k]} {w + 1}" for k, w in zip(kind, week, strict=True)]
    out["lineItems"].write(
        len(room),
        {
            "sourcedId": item_ids,
            "title": titles,
            "assignDate": due - 5,
            "dueDate": due,
            "classSourcedId": look_up(class_ids, room),
            "resultValueMin": 0.0,
            "resultValueMax": points,
        },
    )
    scored_on = _mondays(book) + (4 - np.argmax(plan.year.open_days[:, ::-1], axis=1))
    for at, record in enumerate(book.weeks):
        who, course = np.nonzero(record.work)
        item = items[plan.placed[who, course], at]
        _write_results(
            out,
            ids,
            counts,
            who,
            item_ids,
            item,
            record.work[who, course],
            record.mark[who, course],
            points[item],
            due[item],
            scored_on[at : at + 2] if at + 1 < n_weeks else scored_on[at : at + 1],
            is_year_over=at + 1 == plan.works.shape[1],
        )


def _write_results(
    out: Folder,
    ids: GroupIds,
    counts: Counts,
    who: NDArray[np.int64],
    item_ids: pa.Array,
    item: NDArray[np.int64],
    work: NDArray[np.int8],
    mark: NDArray[np.float32],
    points: NDArray[np.float64],
    due: NDArray[np.datetime64],
    scored_on: NDArray[np.datetime64],
    *,
    is_year_over: bool,
) -> None:
    """Late work gets its grade a week later; in the last week it has none yet."""
    late = work == states.LATE
    if len(scored_on) == 1:
        if is_year_over:
            work = np.where(late, states.MISSING, work)
        else:
            who, item, work, mark, points, due = (
                values[~late] for values in (who, item, work, mark, points, due)
            )
        late = np.zeros(len(who), bool)
    scored = (work == states.ON_TIME) | late
    status = np.select([scored, work == states.MISSING], [0, 1], 2)
    day = np.where(late, scored_on[-1], np.where(scored, scored_on[0], due))
    score = np.round(np.nan_to_num(mark).astype(np.float64) * points / 100.0, 2)
    n = len(who)
    out["results"].write(
        n,
        {
            "sourcedId": numbered("RES", counts.take("results", n), 9),
            "lineItemSourcedId": look_up(item_ids, item),
            "studentSourcedId": look_up(ids.students, who),
            "scoreStatus": look_up(["fully graded", "not submitted", "exempt"], status),
            "score": pa.array(score, mask=~scored),
            "scoreDate": day,
        },
    )
