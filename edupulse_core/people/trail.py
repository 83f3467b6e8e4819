"""What a viewer opened, took out or was refused, written to the audit trail as it happens."""

from collections.abc import Mapping
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.people.access import Viewer
from edupulse_core.store import audit
from edupulse_core.store.database import open_store

VIEW_STUDENT = "view_student"  # subject: the student
EXPORT = "export"  # subject: what was exported; details: filters and number of rows
DOWNLOAD_REJECTS = "download_rejects"  # rejected rows hold student data
SIGN_IN = "sign_in"
SIGN_OUT = "sign_out"
REFUSED_SIGN_IN = "refused_sign_in"
REFUSED_ACCESS = "refused_access"  # subject: the address that was asked for

STRANGER = "none"  # the role of someone who has none


def note(
    settings: Settings,
    viewer: Viewer,
    action: str,
    subject: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line about this viewer."""
    audit.record(
        open_store(settings),
        actor=viewer.sign_in,
        role=viewer.role,
        action=action,
        subject=subject,
        details=details,
    )


def note_refused_sign_in(settings: Settings, sign_in: str, reason: str) -> None:
    """Add a line about someone whom the identity provider knows and the district doesn't."""
    audit.record(
        open_store(settings),
        actor=sign_in or STRANGER,
        role=STRANGER,
        action=REFUSED_SIGN_IN,
        details={"reason": reason},
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
    store = open_store(settings)
    return audit.entries(store, actor=actor, action=action, subject=subject, limit=limit)
