"""A teacher's questions, the answers of their students, and the marks proposed for them.

A question is its author's alone. They see the answers of students who are in their classes today.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from edupulse_core import words
from edupulse_core.errors import AccessError, MissingError
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import NOT_YOURS
from edupulse_core.queries import classes
from edupulse_core.queries.classes import Section
from edupulse_core.queries.district import District
from edupulse_core.store import marks
from edupulse_core.store.database import open_store
from edupulse_core.store.marks import Question, ShortAnswer
from edupulse_core.training.grading import FEWEST, Answer, Grader

ROLE = "teacher"
UNKNOWN_QUESTION = "Question not found, or you don't have access."
STEP = 0.5  # points; a proposal is rounded to it
QUESTIONS = 2  # that marks must come from before any is proposed
MOST = 1_000  # marks to learn from, the newest
Learned = tuple[tuple[Answer, float], ...]  # answers and their marks, 0..1


@dataclass(frozen=True)
class Proposed:
    """A mark that the teacher may confirm, in points."""

    mark: float
    low: float  # nine in ten marks lie between low and high
    high: float
    must_be_read: bool  # the range is too wide to rely on the proposal


@dataclass(frozen=True)
class Paper:
    """One student's answer."""

    answer: ShortAnswer
    name: str
    proposed: Proposed | None = None
    marked_on: date | None = None  # in the district's time zone


@dataclass(frozen=True)
class Readiness:
    """What proposals are learned from: all marks that the teacher has confirmed."""

    n_marks: int
    n_questions: int  # that they are for

    @property
    def marks_needed(self) -> int:
        """How many more marks it takes; one at least while they are for too few questions."""
        return max(FEWEST - self.n_marks, int(self.n_questions < QUESTIONS))

    @property
    def is_enough(self) -> bool:
        """Whether marks can be proposed."""
        return self.marks_needed == 0


@dataclass(frozen=True)
class Sheet:
    """A question with its answers, as its author sees it today."""

    question: Question
    section: Section | None  # None: the teacher no longer has the class
    open: tuple[Paper, ...]  # those that must be read come first
    marked: tuple[Paper, ...]
    n_hidden: int  # answers of students who are no longer in the teacher's classes
    unanswered: Mapping[str, str]  # who of the class has no answer yet: name by ID
    readiness: Readiness


@dataclass(frozen=True)
class Asked:
    """A question, and how far its grading has come."""

    question: Question
    section: Section | None
    n_answers: int
    n_marked: int


def sections(viewer: Viewer, district: District) -> dict[str, Section]:
    """The classes that a teacher has now, by ID; titles differ. AccessError for any other role."""
    if ROLE not in viewer.roles:
        raise AccessError(NOT_YOURS)
    found = district.remember(("sections", viewer), lambda: classes.sections(viewer, district))
    titles = words.apart({section.class_id: section.title for section in found})
    return {each.class_id: replace(each, title=titles[each.class_id]) for each in found}


def asked(viewer: Viewer, district: District) -> list[Asked]:
    """The questions that the viewer wrote, the newest first."""
    taught = sections(viewer, district)
    store = open_store(district.settings)
    every = marks.questions_of(store, viewer.user_ids)
    given = marks.answers_to(store, [each.question_id for each in every])
    seen = _names(taught)
    found = []
    for each in every:
        mine = [a for a in given if a.question_id == each.question_id and a.student_id in seen]
        n_marked = sum(answer.mark is not None for answer in mine)
        found.append(Asked(each, taught.get(each.class_id), len(mine), n_marked))
    return found


def own_question(viewer: Viewer, district: District, question_id: str) -> Question:
    """A question of the viewer's own; AccessError for another's, as for one that is not there."""
    if ROLE not in viewer.roles:
        raise AccessError(NOT_YOURS)
    for each in marks.questions_of(open_store(district.settings), viewer.user_ids):
        if each.question_id == question_id:
            return each
    raise AccessError(UNKNOWN_QUESTION)


def sheet(viewer: Viewer, district: District, question_id: str) -> Sheet:
    """A question of the viewer's own with its answers, and a mark proposed for each open one."""
    question, taught = own_question(viewer, district, question_id), sections(viewer, district)
    store = open_store(district.settings)
    every = {each.question_id: each for each in marks.questions_of(store, viewer.user_ids)}
    given = marks.answers_to(store, list(every))
    learned = _learned(every, given)
    readiness = Readiness(len(learned), len({answer.question for answer, _ in learned}))
    mine = [answer for answer in given if answer.question_id == question_id]
    names, section = _names(taught), taught.get(question.class_id)
    seen = sorted((a for a in mine if a.student_id in names), key=lambda a: names[a.student_id])
    left = [answer for answer in seen if answer.mark is None]
    proposed = propose(question, left, learned) if readiness.is_enough else [None] * len(left)
    papers = [
        Paper(answer, names[answer.student_id], one)
        for answer, one in zip(left, proposed, strict=True)
    ]
    papers.sort(key=lambda paper: not (paper.proposed and paper.proposed.must_be_read))
    answered = {answer.student_id for answer in mine}
    here = section.students if section else {}
    zone = ZoneInfo(district.settings.time_zone)
    return Sheet(
        question,
        section,
        tuple(papers),
        tuple(
            Paper(each, names[each.student_id], marked_on=each.marked_at.astimezone(zone).date())
            for each in seen
            if each.marked_at is not None
        ),
        len(mine) - len(seen),
        {student: name for student, name in here.items() if student not in answered},
        readiness,
    )


def propose(
    question: Question, answers: Sequence[ShortAnswer], learned: Learned
) -> list[Proposed | None]:
    """A mark for each answer; None for each where the answers have no words to learn from."""
    try:
        grader = _grader(learned)
    except MissingError:
        return [None] * len(answers)
    wanted = [Answer(question.text, question.key, each.text) for each in answers]
    same = [(answer, mark) for answer, mark in learned if answer.question == question.text]
    return [
        Proposed(
            round(one.value * question.points / STEP) * STEP,
            math.floor(one.low * question.points / STEP) * STEP,
            min(math.ceil(one.high * question.points / STEP) * STEP, question.points),
            one.must_be_read,
        )
        for one in grader.propose(wanted, same)
    ]


def _learned(every: Mapping[str, Question], given: Sequence[ShortAnswer]) -> Learned:
    """What the teacher has marked, also of students who have left: nothing of it is shown."""
    marked = [each for each in given if each.mark is not None and each.marked_at is not None]
    marked.sort(key=lambda each: (each.marked_at, each.answer_id))
    found = []
    for each in marked[-MOST:]:
        asked = every[each.question_id]
        share = (each.mark or 0.0) / asked.points
        found.append((Answer(asked.text, asked.key, each.text), share))
    return tuple(found)


@lru_cache(maxsize=8)
def _grader(learned: Learned) -> Grader:
    """What can be learned from some marks; confirming or taking back one makes it learn again."""
    import numpy as np

    return Grader.fit([answer for answer, _ in learned], np.array([mark for _, mark in learned]))


def _names(taught: Mapping[str, Section]) -> dict[str, str]:
    """Every student in some classes: name by ID."""
    return {
        student: name for section in taught.values() for student, name in section.students.items()
    }
