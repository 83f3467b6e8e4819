"""Downloads: each file is made at the click, by a route that checks the viewer again.

Streamlit's own download button keeps the file where anyone with the link can fetch it.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app import sign_in, trouble
from edupulse_core.actions import sessions as door
from edupulse_core.config import load_settings
from edupulse_core.errors import AccessError, EduPulseError
from edupulse_core.people import sessions
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import Actor, person
from edupulse_core.people.sign_in import as_granted_now
from edupulse_core.queries.district import District, open_district

PATH = "export"
NOT_OFFERED = "This link has expired. Go back to the page, reload it and try again."

Make = Callable[[Actor, District], bytes]


@dataclass(frozen=True)
class Offer:
    """A file that a page offers to its viewer."""

    viewer: Viewer
    wanted: str  # the file's name in the audit trail
    make: Make
    name: str
    kind: str  # MIME


_offers: WeakValueDictionary[str, Offer] = WeakValueDictionary()  # as long as a page holds them


def button(label: str, wanted: str, make: Make, *, name: str, kind: str, **shown: Any) -> None:
    """Show a link to a file that is made at the click, if the viewer may still have it.

    wanted: the file's name in the audit trail; a page offers each file once.
    """
    held: dict[str, tuple[str, Offer]] = st.session_state.setdefault("offers", {})
    ticket = held[wanted][0] if wanted in held else secrets.token_urlsafe(32)
    offer = Offer(st.session_state["viewer"], wanted, make, name, kind)
    held[wanted] = ticket, offer
    _offers[ticket] = offer
    st.link_button(label, f"{PATH}/{ticket}", icon=":material/download:", **shown)


async def answer(request: Request) -> Response:
    """Send the file of a ticket, to the session that the page offered it to."""
    return await run_in_threadpool(_answer, request.path_params["ticket"], request.cookies)


def _answer(ticket: str, cookies: Mapping[str, str]) -> Response:
    try:
        offer, file = _made(ticket, cookies)
    except AccessError as error:
        return PlainTextResponse(str(error), 403)
    except EduPulseError as error:
        return PlainTextResponse(str(error), 409)
    except Exception as error:  # the last door before the screen: never a traceback
        return PlainTextResponse(trouble.report(error), 500)
    headers = {
        "Content-Disposition": f'attachment; filename="{offer.name}"',
        "Cache-Control": "no-store",
    }
    return Response(file, media_type=offer.kind, headers=headers)


def _made(ticket: str, cookies: Mapping[str, str]) -> tuple[Offer, bytes]:
    settings = load_settings()
    session = sign_in.session_of(settings, cookies)
    offer = _offers.get(ticket)
    if offer is None or offer.viewer.session != session:
        if offer is not None and (asking := sessions.actor_of(settings, session)):
            door.refuse_access(asking, settings, offer.wanted)
        raise AccessError(NOT_OFFERED)
    asking = person(as_granted_now(settings, offer.viewer, offer.wanted))
    return offer, offer.make(asking, open_district(settings))
