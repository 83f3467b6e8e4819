"""The demo district: write it as a bundle, or set it up in one step."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from edupulse_core import demo
from edupulse_core.actions.imports import import_bundle, note_whose, refuse_mixing
from edupulse_core.actions.jobs import submit
from edupulse_core.actions.scores import score_week
from edupulse_core.config import Settings
from edupulse_core.demo.answers import POINTS, QUESTIONS
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.families import shelf
from edupulse_core.families.risk import NAME
from edupulse_core.lifecycle import registry
from edupulse_core.people import personas, trail
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import Actor
from edupulse_core.progress import Progress
from edupulse_core.store import jobs, marks, runs
from edupulse_core.store.database import Store, open_store
from edupulse_core.warehouse import snapshots

_COMPARED = ("difficulty",)  # families whose algorithms are all trained: that takes seconds
_CLASSES = """
with now as (select max(end_date) as ends from enrollment_spans where role = 'student'),
mine as (
    select class_id from enrollment_spans
    where role = 'teacher' and list_contains($teacher::varchar[], user_id)
        and end_date = (select ends from now)
)
select class_id, list(user_id order by user_id)
from enrollment_spans join mine using (class_id)
where role = 'student' and end_date = (select ends from now)
group by class_id
order by class_id
"""


def write_demo(
    actor: Actor,
    out: Path,
    *,
    students: int,
    years: int = 2,
    weeks: int = 24,
    end: date | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a fictional district as an import bundle, with its truth in truth/.

    Raises RefusedError for a folder that holds anything but an earlier demo.
    """
    actor.require()
    found = {path.name for path in out.iterdir()} if out.is_dir() else set()
    if found - {demo.UNFINISHED} and not (out / "truth").is_dir():
        raise RefusedError(f"{out}: the folder is not empty and holds no demo; choose another")
    demo.write(
        out,
        students=students,
        years=years,
        weeks=weeks,
        end=end,
        seed=demo.SEED if seed is None else seed,
        progress=progress,
    )


def setup_demo(
    actor: Actor,
    settings: Settings,
    *,
    students: int = 1200,
    train: bool = True,
    progress: Progress | None = None,
) -> bool:
    """Write, import and score the demo district, unless this home already has data.

    train: a worker also trains every family that has no version yet. That takes minutes, and the
    dashboard needn't wait for it: each family's answers appear once it is trained.
    Returns whether it was built. Raises RefusedError in a home that has seen a real district.
    """
    actor.require()
    store = open_store(settings)
    note_whose(settings, store)
    refuse_mixing(store, is_demo=True, found="a demo")
    is_missing = not _is_imported(settings)
    if is_missing:
        bundle = settings.data / "demo"
        demo.write(bundle, students=students, truth=False, progress=progress)
        import_bundle(actor, settings, bundle, progress=progress)
    if runs.latest_run(store, NAME) is None:
        score_week(actor, settings, progress=progress)
        _ask_and_grade(actor, settings, store)
    if train:
        _submit_trainings(actor, settings, store)
    return is_missing


def _ask_and_grade(actor: Actor, settings: Settings, store: Store) -> None:
    """Let the first teacher whom the demo offers have asked questions, and graded some answers."""
    with snapshots.connect(settings) as con:
        staff = personas.personas(con)
        teacher = next((each for each in staff if "teacher" in each.roles), None)
        if teacher is None:
            return
        classes = con.execute(_CLASSES, {"teacher": list(teacher.user_ids)}).fetchall()
    given = list(_given(teacher, classes))
    ids = [question.question_id for question, _ in given]
    with trail.act(settings, actor, trail.ADD_QUESTION, *ids, details={"of": teacher.user_id}):
        for question, answers in given:
            marks.add_question(store, question)
            marks.add_answers(store, answers)


def _given(
    teacher: Viewer, classes: list[tuple[str, list[str]]]
) -> Iterator[tuple[marks.Question, list[marks.ShortAnswer]]]:
    """The demo's questions with answers, each asked of as many classes as it has answers for."""
    now = datetime.now(UTC)
    for number, asked in enumerate(QUESTIONS):
        at = now - timedelta(days=len(QUESTIONS) - number)
        first = 0
        for class_id, students in classes:
            said = asked.answers[first : first + len(students)]
            if not said:
                break
            question_id = uuid4().hex
            answers = []
            for place, (student, (text, mark)) in enumerate(zip(students, said, strict=False)):
                answer = marks.ShortAnswer(uuid4().hex, question_id, at, student, text)
                if first + place < asked.n_graded:
                    answer = replace(answer, mark=mark, marked_at=at, marked_by=teacher.sign_in)
                answers.append(answer)
            yield (
                marks.Question(
                    question_id,
                    at,
                    teacher.user_id,
                    teacher.sign_in,
                    class_id,
                    asked.text,
                    asked.key,
                    POINTS,
                ),
                answers,
            )
            first += len(students)


def _submit_trainings(actor: Actor, settings: Settings, store: Store) -> None:
    """Ask once for a training of each family without a version."""
    asked = {job.family for job in jobs.newest(store) if job.kind == "train"}
    for name in shelf.SHELF:
        if name not in asked and not registry.versions(settings, name):
            config = {"algorithm": "all"} if name in _COMPARED else {}
            submit(actor, settings, "train", config, family=name)


def _is_imported(settings: Settings) -> bool:
    try:
        snapshots.current(settings)
    except MissingError:
        return False
    return True
