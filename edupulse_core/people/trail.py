"""Writes what was done, exported or refused to the audit trail, as it happens.

An act that changes something or takes something out is written down before it begins, and gets its
line when it has ended. If its process dies in between, the next one writes the line.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
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
from edupulse_core.store.database import open_store
from edupulse_core.store.intents import Intent

VIEW_STUDENT = "view_student"  # subject: the student
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
EVALUATE = "evaluate"
ACTIVATE = "activate"  # subject: the family and the version
REFUSED_ACTIVATE = "refused_activate"
DEACTIVATE = "deactivate"  # subject: the family and the version that serves then
ROLL_BACK = "roll_back"  # the same
MONITOR = "monitor"  # subject: the family
ACKNOWLEDGE_ALERT = "acknowledge_alert"
CLOSE_ALERT = "close_alert"
SUBMIT_JOB = "submit_job"  # subject: the job; details: its kind
CANCEL_JOB = "cancel_job"
RETRY_JOB = "retry_job"
CREATE_TOKEN = "create_token"  # subject: the token's name and id
LIST_TOKENS = "list_tokens"
REVOKE_TOKEN = "revoke_token"


STILL_RUNNING = "this is still being done by another process"
STOPPED = "stopped before it ended"


@dataclass
class Act:
    """An act in progress. Its audit line is written from these fields when it ends."""

    subjects: list[str]  # each gets a line
    details: dict[str, Any] = field(default_factory=dict)
    failed: str = ""  # the line's word if it fails; "failed_" and the action unless given


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

    pointer: a file in the home, whose version changes at the moment when the act takes effect.
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
    )
    with _running(settings, intent.intent_id):
        intents.begin(store, intent)
        doing = Act(list(subjects), dict(details or {}))
        try:
            yield doing
        except BaseException as error:
            done, more = _took_effect(settings, intent)
            word = action if done else doing.failed or f"failed_{action}"
            why = {} if doing.failed and doing.details else {"reason": _reason(error)}
            said = {**doing.details, **more, **why}
            with suppress(ConfigError):  # then the next process writes the line
                intents.end(store, intent, action=word, subjects=doing.subjects, details=said)
            raise
        intents.end(store, intent, action=action, subjects=doing.subjects, details=doing.details)


def settle(settings: Settings) -> None:
    """Write the lines of acts whose processes died, judging by what is published now."""
    store = open_store(settings)
    for intent in intents.unended(store):
        with suppress(RefusedError), _running(settings, intent.intent_id):
            done, more = _took_effect(settings, intent)
            word = intent.action if done else f"failed_{intent.action}"
            if intent.pointer is None:
                word = f"unfinished_{intent.action}"
            said = {**intent.details, **more, "reason": STOPPED}
            intents.end(store, intent, action=word, subjects=intent.subjects, details=said)


def settle_once(settings: Settings) -> None:
    """Run `settle` the first time that a process opens a store."""
    _settle_once(os.getpid(), settings.store_url, settings)


@cache
def _settle_once(process: int, address: str, settings: Settings) -> None:
    settle(settings)


def _took_effect(settings: Settings, intent: Intent) -> tuple[bool, dict[str, Any]]:
    """Whether an act's pointer has moved, and where to; False if it has none."""
    if intent.pointer is None:
        return False, {}
    now = _version_in(settings.home / intent.pointer)
    return now != intent.before, {"now": now} if now != intent.before else {}


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
