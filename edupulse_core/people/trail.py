"""Writes what was done, exported or refused to the audit trail, as it happens.

An act that changes something or takes something out is written down before it begins, and gets its
line when it has ended. If its process dies in between, the next one writes the line.
"""

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import (
    ConfigError,
    EduPulseError,
    ModelError,
    RefusedError,
    SourceError,
)
from edupulse_core.people.actor import Actor
from edupulse_core.store import audit, intents
from edupulse_core.store.database import Store, open_store
from edupulse_core.store.intents import Intent

VIEW_STUDENT = "view_student"  # subject: the student
VIEW_LIST = "view_list"  # subject: a list of names; details: whose, how many, filters
EXPORT = "export"  # subject: what was exported; details: filters, file, number of rows
VIEW_REJECTS = "view_rejects"
DOWNLOAD_REJECTS = "download_rejects"  # rejected rows hold student data
SIGN_IN = "sign_in"
SIGN_OUT = "sign_out"
REFUSED_SIGN_IN = "refused_sign_in"
REFUSED_ACCESS = "refused_access"  # subject: the address that was asked for
IMPORT = "import"  # subject: the bundle
REFUSED_IMPORT = "refused import"
UNDO_IMPORT = "undo_import"  # subject: the warehouse that was taken back
REFUSED_UNDO = "refused_undo_import"
SCORE = "score"  # subject: the model's version
EXPLAIN = "explain"  # subject: the student
PREDICT = "predict"  # subject: the student; details: the week, and whether it was stored
ASK = "ask"  # subject: the student; details: which family was asked
TRAIN = "train"
NOT_TRACKED = "not_tracked"  # subject: the family and the version; details: what MLflow said
TUNE = "tune"  # subject: the family and the version
CHECK_DATA = "check_data"  # subject: the family
EVALUATE = "evaluate"
ACTIVATE = "activate"  # subject: the family and the version
REFUSED_ACTIVATE = "refused_activate"
DEACTIVATE = "deactivate"  # subject: the family and the version that serves then
ROLL_BACK = "roll_back"  # the same
START_EXPERIMENT = "start_experiment"  # subject: the experiment
END_EXPERIMENT = "end_experiment"  # by stopping it; promoting is to activate
MONITOR = "monitor"  # subject: the family
ACKNOWLEDGE_ALERT = "acknowledge_alert"
CLOSE_ALERT = "close_alert"
CHECK_TRIGGERS = "check_triggers"  # subject: the family
UPDATE = "update"  # subject: the family and the version
GIVE_VERDICT = "give_verdict"  # subject: the student
WITHDRAW_VERDICT = "withdraw_verdict"  # subject: the student; details: who had given it
ASSIGN = "assign"  # subject: the student; details: the resource
WITHDRAW = "withdraw"  # subject: the student; details: the resource, and who had given it
ADD_QUESTION = "add_question"  # subject: the question
EDIT_QUESTION = "edit_question"  # the same
ADD_ANSWERS = "add_answers"  # subject: each student; details: the question, never the answer
CONFIRM_MARK = "confirm_mark"  # subject: the student; details: the question and the mark
TAKE_BACK_MARK = "take_back_mark"  # the same
DELETE_QUESTION = "delete_question"  # subject: the question, and each student whose answer goes
SUBMIT_JOB = "submit_job"  # subject: the job; details: its kind
CANCEL_JOB = "cancel_job"
RETRY_JOB = "retry_job"
FORGET_JOBS = "forget_jobs"  # details: how many, and from which day on they are kept
CREATE_TOKEN = "create_token"  # subject: the token's name and id
LIST_TOKENS = "list_tokens"
REVOKE_TOKEN = "revoke_token"


STILL_RUNNING = "this is still being done by another process"
STOPPED = "stopped before it ended"
DONE = "it was done all the same, and the audit gets its line at the next start"
ELSEWHERE = timedelta(days=1)  # so long, another machine's act may still be running


@dataclass
class Act:
    """An act in progress. Its audit line is written from these fields when it ends."""

    subjects: list[str]  # each gets a line
    details: dict[str, Any] = field(default_factory=dict)
    failed: str = ""  # the line's word if it fails; "failed_" and the action unless given
    aim: str | None = None  # the version that it was about to publish
    published: str | None = None  # the version that took effect
    _write_aim: Callable[[str], None] = field(default=lambda version: None, repr=False)

    @contextmanager
    def publishing(self, version: str) -> Iterator[None]:
        """Write down which version the block is about to publish; when it ends, it is published.

        So if the act fails later, or its process dies, what somebody else published meanwhile is
        not taken for its own. Raises ConfigError, before the block runs, where it can't be written.
        """
        self._write_aim(version)
        self.aim = version
        yield
        self.published = version


@contextmanager
def act(
    settings: Settings,
    actor: Actor,
    action: str,
    *subjects: str,
    pointer: Path | None = None,
    details: Mapping[str, Any] | None = None,
) -> Iterator[Act]:
    """Write down that an act begins; when the block ends, write how it ended.

    pointer: a file in the home, whose version changes at the moment when the act takes effect; the
    act changes it within `Act.publishing`.
    Raises ConfigError, before the block runs, where it cannot be written down.
    """
    settle(settings)
    store = open_store(settings)
    intent = Intent(
        intent_id=uuid4().hex,
        actor=actor.name,
        role=actor.role,
        action=action,
        subjects=list(subjects),
        details=dict(details or {}),
        pointer=pointer.relative_to(settings.home).as_posix() if pointer else None,
        before=_version_in(pointer),
        place=_place(settings),
    )
    with _running(settings, intent.intent_id):
        intents.begin(store, intent)
        write_aim = partial(intents.aim, store, intent)
        doing = Act(list(subjects), dict(details or {}), _write_aim=write_aim)
        try:
            yield doing
        except BaseException as error:
            done = doing.published or _took_effect(settings, replace(intent, aim=doing.aim))
            word = action if done else doing.failed or f"failed_{action}"
            why = {} if doing.failed and doing.details else {"reason": _reason(error)}
            said = {**doing.details, **({"now": done} if done else {}), **why}
            with suppress(ConfigError):  # then the next process writes the line
                _end_own(store, intent, word, doing.subjects, said)
            raise
        try:
            _end_own(store, intent, action, doing.subjects, doing.details)
        except ConfigError as error:
            raise ConfigError(f"{error}; {DONE}") from None


def _end_own(
    store: Store, intent: Intent, word: str, subjects: list[str], details: Mapping[str, Any]
) -> None:
    intents.end(store, intent, action=word, subjects=subjects, details=details, is_own=True)


def settle(settings: Settings) -> None:
    """Write the lines of acts whose processes died, judging by what is published now.

    Whether a process still runs is known on its own machine only. So an act of another machine or
    home is left alone until it is a day old, even where all share one store.
    """
    store = open_store(settings)
    for intent in intents.unended(store):
        is_here = intent.place == _place(settings)
        if not is_here and datetime.now(UTC) - intent.at < ELSEWHERE:
            continue
        with suppress(RefusedError), _running(settings, intent.intent_id):
            done = _took_effect(settings, intent) if is_here else None
            word = intent.action if done else f"failed_{intent.action}"
            if intent.pointer is None or not is_here:
                word = f"unfinished_{intent.action}"
            said = {**intent.details, **({"now": done} if done else {}), "reason": STOPPED}
            intents.end(store, intent, action=word, subjects=intent.subjects, details=said)


def _place(settings: Settings) -> str:
    """The machine and the home of this process: what its locks tell of.

    Empty for a store that lies in the home itself, as the locks do: who has one has the other,
    even in a container whose name changes with every start.
    """
    if not settings.database_url:
        return ""
    return f"{platform.node()} {settings.data.resolve()}"


def settle_once(settings: Settings) -> None:
    """Run `settle` the first time that a process opens a store."""
    _settle_once(os.getpid(), settings.store_url, settings)


@cache
def _settle_once(process: int, address: str, settings: Settings) -> None:
    settle(settings)


def _took_effect(settings: Settings, intent: Intent) -> str | None:
    """The version that an act has published, if its pointer names that one now."""
    if intent.pointer is None or intent.aim in (None, intent.before):
        return None
    return intent.aim if _version_in(settings.home / intent.pointer) == intent.aim else None


def _version_in(pointer: Path | None) -> str | None:
    """The version that a pointer file names; None if the file is missing or can't be read."""
    try:
        return str(files.read(pointer, "").get("version")) if pointer else None
    except ModelError:
        return None


@contextmanager
def _running(settings: Settings, intent_id: str) -> Iterator[None]:
    """Hold an act's lock, which the operating system releases when the process dies."""
    path = settings.data / "acts" / f"{intent_id}.lock"
    with ExitStack() as held:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(files.alone(path, STILL_RUNNING))
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
        try:
            yield
        finally:
            with suppress(PermissionError):  # Windows keeps a file that is open
                path.unlink(missing_ok=True)


def _reason(error: BaseException) -> str:
    """Why an act failed, without quoting a district's file."""
    if isinstance(error, EduPulseError) and not isinstance(error, SourceError):
        return str(error)
    return STOPPED if isinstance(error, KeyboardInterrupt | SystemExit) else type(error).__name__


def note(
    settings: Settings,
    actor: Actor,
    action: str,
    subject: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line: who did what, to whom."""
    settle_once(settings)
    audit.record(
        open_store(settings),
        actor=actor.name,
        role=actor.role,
        action=action,
        subject=subject,
        details=details,
    )


def note_all(
    settings: Settings,
    actor: Actor,
    action: str,
    subjects: Iterable[str],
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line for each subject: who did what, to whom."""
    settle_once(settings)
    store = open_store(settings)
    audit.record_all(
        store, subjects, actor=actor.name, role=actor.role, action=action, details=details
    )


def entries(
    settings: Settings,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    limit: int = 1000,
) -> list[audit.Entry]:
    """The newest lines first, narrowed to what is given."""
    settle_once(settings)
    store = open_store(settings)
    return audit.entries(store, actor=actor, action=action, subject=subject, limit=limit)
