"""Made-up districts as graphs: every school's weeks, with a frozen version's states of everyone."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import torch
from numpy.typing import NDArray
from pyarrow import parquet
from torch import Tensor

from edupulse_core import demo
from edupulse_core.demo import roster
from edupulse_core.demo.calendar import school_years
from edupulse_core.demo.rollout import live
from edupulse_core.demo.schedule import leniency
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk.baselines import summaries
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples
from edupulse_core.features import sequences
from edupulse_core.lifecycle import shipping
from tests.benchmarks.peers import graph
from tests.benchmarks.peers.graph import School, Values
from tests.benchmarks.peers.network import Graph
from tests.benchmarks.states import after_attention

END, WEEKS = date(2026, 6, 14), 36
EVERY = 6  # weeks; those between say nearly the same of a student
Array = NDArray[np.float64]
Key = tuple[str, date]
Known = dict[Key, tuple[float, ...]]  # severity that came; expected; P(any flag); P(high)


@dataclass(frozen=True)
class Week:
    """One school's week of n students."""

    graph: Graph
    random: Graph  # the placebo's
    summary: Values  # (n, F)
    around: Values  # (n, F) classmates' means
    around_random: Values  # (n, F) the placebo's
    planted: Values  # (n, courses) what their classes share, hundredths of a mark; not recorded


@dataclass(frozen=True)
class Part:
    """Weeks of schools, and what came of N student-weeks: those with a target, in that order."""

    weeks: list[Week]
    students: NDArray[np.str_]  # (N,)
    truth: Array  # (N, 4) as Known

    def graphs(self, *, random: bool = False) -> list[Graph]:
        """Each school's weeks; with classmates dealt at random, if asked for."""
        return [week.random if random else week.graph for week in self.weeks]

    def columns(self, around: str | None) -> Values:
        """What boosting reads, (N, F or 2 F): students' summaries, and those around them."""
        parts = []
        for week in self.weeks:
            beside = [getattr(week, around)] if around else []
            known = ~week.graph.target.isnan().numpy()
            parts.append(np.concatenate([week.summary, *beside], axis=1)[known])
        return np.concatenate(parts)

    def came(self, outcome: str) -> NDArray[np.bool_]:
        """Whether any flag, or high or critical, came; (N,)."""
        tier = risk_examples.tier_of(self.truth[:, 0])
        return self.truth[:, 0] > 0 if outcome == "any" else tier >= 2


def together(parts: Sequence[Part]) -> Part:
    """Several as one."""
    return Part(
        [week for part in parts for week in part.weeks],
        np.concatenate([part.students for part in parts]),
        np.concatenate([part.truth for part in parts]),
    )


def read(model: RiskModel, seed: int, *, students: int, futures: int) -> Part:
    """Write a district, and read the weeks that its oracle answered for."""
    with tempfile.TemporaryDirectory() as folder:
        size = {"students": students, "weeks": WEEKS, "seed": seed, "every": EVERY}
        with shipping.made_up(Path(folder), end=END, futures=futures, **size) as con:
            known = _known(con, Path(folder) / "bundle" / "truth" / "risk.parquet")
            rng = np.random.default_rng(seed)
            mondays = sorted({monday for _, monday in known})
            shared = planted(seed, students, set(mondays))
            whole = together([_week(con, model, monday, known, shared, rng) for monday in mondays])
    return Part(whole.weeks, np.char.add(f"{seed}/", whole.students), whole.truth)


def planted(seed: int, students: int, mondays: set[date]) -> dict[Key, Values]:
    """What the simulation gives all students of a class, from its own hidden state.

    By student and week, (courses,): the teacher's leniency and the class's running shock. It is all
    that classmates have in common there and others of the grade have not.
    """
    years = school_years(END, 2, WEEKS, np.random.default_rng([seed, 9]))
    found: dict[Key, Values] = {}
    first = 0
    for group in demo.groups(years, students=students, weeks=WEEKS, seed=seed):
        n = len(group.traits.cohort)
        names = roster.student_ids(first + np.arange(n)).to_pylist()
        first += n
        for happened in live(group):
            monday = happened.plan.year.mondays[happened.week]
            if monday in mondays:
                plan = happened.plan
                lenient = leniency(plan.classes, group.teachers, plan.placed)
                rows = (lenient + happened.state.shock).astype(np.float32)
                found |= {(name, monday): row for name, row in zip(names, rows, strict=True)}
    return found


def _known(con: duckdb.DuckDBPyConnection, path: Path) -> Known:
    """Outcome and oracle of each labelled student-week that has both."""
    likely = parquet.read_table(path).to_pydict()
    names = ("severity", "p_any", "p_high")
    keys = zip(likely["student_id"], likely["week_start"], strict=True)
    oracle = dict(zip(keys, zip(*(likely[name] for name in names), strict=True), strict=True))
    rows = con.execute(risk_examples.LABELLED, {"min_history": 4}).fetchall()
    return {
        (student, monday): (severity, *oracle[student, monday])
        for student, monday, severity in rows
        if (student, monday) in oracle
    }


def _week(
    con: duckdb.DuckDBPyConnection,
    model: RiskModel,
    monday: date,
    known: Known,
    shared: dict[Key, Values],
    rng: np.random.Generator,
) -> Part:
    """Every school's graph of a week; a target only where the outcome is known."""
    row_of, (states, summary) = states_of(con, model, monday)
    found = []
    for school in graph.schools(con, monday):
        at = [row_of[student] for student in school.students.tolist()]
        rows = [known.get((student, monday)) for student in school.students.tolist()]
        classes = np.stack([shared[student, monday] for student in school.students.tolist()])
        found.append(_school(school, states[at], summary[at], classes, rows, rng))
    return together(found)


def states_of(
    con: duckdb.DuckDBPyConnection, model: RiskModel, monday: date
) -> tuple[dict[str, int], tuple[Tensor, Values]]:
    """Everyone's row, the version's state after attention (N, D), and the summaries (N, F)."""
    windows = sequences.windows(con, monday)
    students = windows.student_ids.to_pylist()
    n = len(students)
    examples = Examples(
        windows.values,
        windows.observed,
        np.asarray(students, dtype=np.str_),
        windows.week_starts.to_numpy(zero_copy_only=False).astype("datetime64[D]"),
        np.zeros(n),
    )
    rows = {student: row for row, student in enumerate(students)}
    states = after_attention(model, examples)
    return rows, (states, summaries(windows.values, windows.observed))


def _school(
    school: School,
    states: Tensor,
    summary: Values,
    classes: Values,
    rows: list[tuple[float, ...] | None],
    rng: np.random.Generator,
) -> Part:
    target = torch.tensor([np.nan if row is None else row[1] for row in rows])
    random = graph.dealt(school.ties, school.grade, rng)
    week = Week(
        Graph(states, school.ties, target),
        Graph(states, random, target),
        summary,
        graph.means(summary, school.ties),
        graph.means(summary, random),
        classes,
    )
    kept = [at for at, row in enumerate(rows) if row is not None]
    truth = np.array([row for row in rows if row is not None]).reshape(-1, 4)
    return Part([week], school.students[kept], truth)
