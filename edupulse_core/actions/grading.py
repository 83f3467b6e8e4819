"""Propose points for the short answers of a file, from those of another file that were graded."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.errors import InputError, Problem, SourceError
from edupulse_core.people.actor import Actor
from edupulse_core.training.grading import Answer, Grader, Proposal
from edupulse_core.warehouse import sheets
from edupulse_core.warehouse.sheets import Row

ASKED = ("question", "key", "answer")
GRADED = (*ASKED, "score")
MOST_TOLD = 20  # problems of a file


@dataclass(frozen=True)
class Graded:
    """What was proposed for the answers of a file."""

    points: float  # the most that an answer can get
    n_learned: int  # graded answers
    answers: tuple[Answer, ...]
    rows: tuple[int, ...]  # of each answer in its file; the header is 1
    proposals: tuple[Proposal, ...]

    def lines(self) -> list[dict[str, Any]]:
        """One line for each answer, in points."""
        return [
            {
                "row": row,
                "question": answer.question,
                "answer": answer.answer,
                "proposed": round(one.value * self.points, 2),
                "low": round(one.low * self.points, 2),
                "high": round(one.high * self.points, 2),
                "must_be_read": one.must_be_read,
            }
            for row, answer, one in zip(self.rows, self.answers, self.proposals, strict=True)
        ]

    def as_json(self) -> dict[str, Any]:
        """What the command line prints with --json."""
        return {"points": self.points, "learned": self.n_learned, "answers": self.lines()}


def grade(actor: Actor, graded: Path, answers: Path, points: float | None = None) -> Graded:
    """Learn from one file and propose points for the answers of another; nothing is stored.

    points: the most that an answer can get; by default the highest score of the graded answers.
    Raises SourceError with a line for each row that cannot be used, RefusedError where too few
    answers are graded.
    """
    actor.require()
    import numpy as np

    if points is not None and not 0 < points < math.inf:
        raise InputError(f"the most points must be more than 0, not {points:g}")
    known, asked = _rows(graded, GRADED), _rows(answers, ASKED)
    scores = [_number(row) for row in known]
    most = points if points is not None else max((one or 0.0 for one in scores), default=0.0)
    _check(graded, known, GRADED[:2], scores, most)
    _check(answers, asked, ASKED[:2])
    if not asked:
        raise InputError(f"{answers} has no answers")
    if not most > 0:
        raise InputError(f"{graded}: no score is above 0; give the most points with --points")
    learned = [_answer(row) for row in known]
    shares = [(one or 0.0) / most for one in scores]
    grader = Grader.fit(learned, np.array(shares))
    wanted = tuple(_answer(row) for row in asked)
    said = grader.propose(wanted, list(zip(learned, shares, strict=True)))
    return Graded(most, len(learned), wanted, tuple(row.number for row in asked), tuple(said))


def write_proposals(actor: Actor, found: Graded, out: Path) -> int:
    """Write the proposals to a .csv or .parquet file; returns the number of rows."""
    actor.require()
    import pyarrow as pa

    from edupulse_core.warehouse import exports

    table = pa.Table.from_pylist(found.lines())
    return exports.write_table(table.schema, table.to_batches(), out)


def _rows(path: Path, columns: tuple[str, ...]) -> list[Row]:
    return sheets.read(files.text_in(path), columns, str(path))


def _answer(row: Row) -> Answer:
    return Answer(row.cells["question"], row.cells["key"], row.cells["answer"])


def _number(row: Row) -> float | None:
    """The score of a row; None if it is not a number."""
    try:
        found = float(row.cells.get("score", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _check(
    path: Path,
    rows: list[Row],
    needed: tuple[str, ...],
    scores: list[float | None] | None = None,
    most: float = 0.0,
) -> None:
    """Raise SourceError with a line for each row that cannot be used."""
    problems = []
    for at, row in enumerate(rows):
        empty = next((name for name in needed if not row.problem and not row.cells[name]), None)
        if row.problem:
            problems.append(Problem(str(path), row.problem, row.number))
        elif empty:
            problems.append(Problem(str(path), "is empty", row.number, empty))
        elif scores is not None and not _is_within(scores[at], most):
            said = f"not a number from 0 to {most:g}: {row.cells['score']!r}"
            problems.append(Problem(str(path), said, row.number, "score"))
    if len(problems) > MOST_TOLD:
        more = f"{len(problems) - MOST_TOLD} more rows cannot be used"
        problems = [*problems[:MOST_TOLD], Problem(str(path), more)]
    if problems:
        raise SourceError.of(problems)


def _is_within(score: float | None, most: float) -> bool:
    return score is not None and 0 <= score <= most
