"""Teachers' questions, students' short answers to them, and the marks that a teacher confirmed."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from edupulse_core.errors import InputError
from edupulse_core.store.database import Store
from edupulse_core.store.tables import questions, short_answers


@dataclass(frozen=True)
class Question:
    """What a teacher asked a class."""

    question_id: str
    at: datetime
    author: str  # users.user_id of the teacher
    actor: str
    class_id: str
    text: str
    key: str  # what a right answer says
    points: float  # the most that an answer can get


@dataclass(frozen=True)
class ShortAnswer:
    """What a student answered, and the mark that the teacher confirmed."""

    answer_id: str
    question_id: str
    at: datetime
    student_id: str
    text: str
    mark: float | None = None  # points
    marked_at: datetime | None = None
    marked_by: str | None = None


def add_question(store: Store, asked: Question) -> None:
    """Keep a question."""
    with store.writing() as connection:
        connection.execute(insert(questions), asdict(asked))


def reword(store: Store, shown: Question, text: str, key: str) -> bool:
    """Correct a question and what a right answer says; False if it is gone or another by now."""
    query = update(questions).where(
        questions.c.question_id == shown.question_id,
        questions.c.text == shown.text,
        questions.c.key == shown.key,
    )
    with store.writing() as connection:
        made = connection.execute(query.values(text=text, key=key))
    return bool(made.rowcount)


def questions_of(store: Store, authors: Collection[str]) -> list[Question]:
    """The questions that a teacher wrote, the newest first."""
    query = select(questions).where(questions.c.author.in_(authors))
    with store.reading() as connection:
        found = connection.execute(query.order_by(questions.c.at.desc(), questions.c.question_id))
        return [Question(**row._mapping) for row in found]


def add_answers(store: Store, given: Sequence[ShortAnswer]) -> None:
    """Keep some answers, all or none.

    Raises InputError if the question is gone or one of the students has an answer already.
    """
    try:
        with store.writing() as connection:
            connection.execute(insert(short_answers), [asdict(each) for each in given])
    except IntegrityError:
        raise InputError(
            "the question was deleted, or an answer of one of these students was added meanwhile: "
            "reload the page and try again"
        ) from None


def answers_to(store: Store, asked: Collection[str]) -> list[ShortAnswer]:
    """Every answer to some questions, in the order in which they came."""
    query = select(short_answers).where(short_answers.c.question_id.in_(asked))
    with store.reading() as connection:
        found = connection.execute(query.order_by(short_answers.c.at, short_answers.c.answer_id))
        return [ShortAnswer(**row._mapping) for row in found]


def confirm(store: Store, answer_id: str, mark: float, actor: str, now: datetime) -> bool:
    """Give an answer its mark; False if it has one already or is gone."""
    query = update(short_answers).where(
        short_answers.c.answer_id == answer_id, short_answers.c.marked_at.is_(None)
    )
    with store.writing() as connection:
        made = connection.execute(query.values(mark=mark, marked_at=now, marked_by=actor))
    return bool(made.rowcount)


def take_back(store: Store, answer_id: str, marked_at: datetime) -> bool:
    """Take back the mark of that moment; False if the answer has another one by now, or none."""
    query = update(short_answers).where(
        short_answers.c.answer_id == answer_id, short_answers.c.marked_at == marked_at
    )
    with store.writing() as connection:
        made = connection.execute(query.values(mark=None, marked_at=None, marked_by=None))
    return bool(made.rowcount)


def delete_question(store: Store, question_id: str) -> list[ShortAnswer] | None:
    """Delete a question and every answer to it; returns these, or None if somebody already did."""
    locked = select(questions.c.question_id).where(questions.c.question_id == question_id)
    with store.writing() as connection:
        connection.execute(locked.with_for_update())  # no answer can be added meanwhile
        mine = short_answers.c.question_id == question_id
        given = connection.execute(select(short_answers).where(mine).order_by(short_answers.c.at))
        found = [ShortAnswer(**row._mapping) for row in given]
        connection.execute(delete(short_answers).where(mine))
        gone = connection.execute(delete(questions).where(questions.c.question_id == question_id))
    return found if gone.rowcount else None
