"""What was done, taken out or refused, written to the audit trail as it happens."""

from collections.abc import Mapping
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.people.actor import Actor
from edupulse_core.store import audit
from edupulse_core.store.database import open_store

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
ASK = "ask"  # subject: the student; details: which family was asked
TRAIN = "train"
EVALUATE = "evaluate"
ACTIVATE = "activate"  # subject: the family and the version


def note(
    settings: Settings,
    actor: Actor,
    action: str,
    subject: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line: who did what, to whom."""
    audit.record(
        open_store(settings),
        actor=actor.name,
        role=actor.role,
        action=action,
        subject=subject,
        details=details,
    )


def check(settings: Settings) -> None:
    """Raise ConfigError where nothing can be noted: what cannot be noted is not done."""
    open_store(settings).check_writable()


def entries(
    settings: Settings,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    limit: int = 1000,
) -> list[audit.Entry]:
    """The newest lines first, narrowed to what is given."""
    store = open_store(settings)
    return audit.entries(store, actor=actor, action=action, subject=subject, limit=limit)
