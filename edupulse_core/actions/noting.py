"""What the operator did, in the audit."""

from pathlib import Path
from typing import Any

from edupulse_core.people import trail
from edupulse_core.store import audit
from edupulse_core.store.audit import OPERATOR
from edupulse_core.store.database import Store


def note(store: Store, action: str, subject: str, details: dict[str, Any] | None = None) -> None:
    """What the operator did, in the audit."""
    audit.record(
        store, actor=OPERATOR, role=OPERATOR, action=action, subject=subject, details=details
    )


def note_export(store: Store, what: str, out: Path, rows: int) -> None:
    """Note that the operator wrote something out."""
    note(store, trail.EXPORT, what, {"file": out.name, "rows": rows})
