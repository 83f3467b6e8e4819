"""Who acts: somebody who is signed in, the operator at the command line, or a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edupulse_core.errors import AccessError

if TYPE_CHECKING:  # the command line starts without a database
    from edupulse_core.people.access import Viewer

STRANGER = "none"  # the role of someone who has none
NOT_YOURS = "Your role doesn't allow this."
SIGN_IN_FIRST = "Only someone who is signed in can open this."


@dataclass(frozen=True)
class Actor:
    """Who does something, as the audit names them."""

    name: str  # the sign-in, or "operator"
    role: str
    viewer: Viewer | None = None  # whose door counts; None: whoever runs the machine has no door

    def require(self, *roles: str) -> None:
        """Raise AccessError unless the actor holds one of the roles; the operator holds all."""
        if self.viewer is not None and not self.viewer.roles & set(roles):
            raise AccessError(NOT_YOURS)

    def looking(self) -> Viewer:
        """The viewer whose door counts; AccessError for the operator, who opens no page."""
        if self.viewer is None:
            raise AccessError(SIGN_IN_FIRST)
        return self.viewer


OPERATOR = Actor("operator", "operator")


def again(name: str, role: str) -> Actor:
    """Who asked for a job, as its row names them: each act of the job asks for their role again."""
    if role == OPERATOR.role:
        return Actor(name, role)
    from edupulse_core.people.access import Viewer

    return Actor(name, role, Viewer("", name, frozenset(role.split("+")), sign_in=name))


def person(viewer: Viewer) -> Actor:
    """The actor that somebody who is signed in is."""
    return Actor(viewer.sign_in, viewer.role, viewer)
