"""Many people's clicks without their browsers: what one browser sent, sent again by each."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence

from playwright.async_api import Page
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_DONE = (
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
)


def record(page: Page) -> list[bytes]:
    """A list that grows by what the page asks the server to run: the whole of it, then clicks."""
    sent: list[bytes] = []

    def keep(frame: str | bytes) -> None:
        if isinstance(frame, bytes) and BackMsg.FromString(frame).HasField("rerun_script"):
            sent.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", keep))
    return sent


async def crowd(
    url: str,
    cookies: str,
    sent: Sequence[bytes],
    people: int,
    pause: Callable[[int, int], float],
) -> list[float]:
    """Seconds from each click until the server has sent all that it changes.

    cookies: of somebody signed in.  sent: as recorded.  pause: seconds before a person's click.
    Each begins with another of the clicks. Raises RuntimeError where one brings no rows.
    """

    clicks = sent[1:]

    async def person(place: int) -> list[float]:
        stream = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
        async with connect(
            stream,
            origin=url,  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": cookies},
            max_size=None,
        ) as server:
            await _ran(server, sent[0])
            found = []
            first = place % len(clicks)
            for number, click in enumerate([*clicks[first:], *clicks[:first]]):
                await asyncio.sleep(pause(place, number))
                found.append(await _ran(server, click))
            return found

    each = await asyncio.gather(*(person(place) for place in range(people)))
    return [took for found in each for took in found]


async def _ran(server: ClientConnection, message: bytes) -> float:
    started = time.perf_counter()
    await server.send(message)
    has_rows = False
    async for frame in server:
        assert isinstance(frame, bytes)
        said = ForwardMsg.FromString(frame)
        has_rows |= _has_rows(said)
        if said.WhichOneof("type") == "script_finished":
            if said.script_finished not in _DONE or not has_rows:
                status = ForwardMsg.ScriptFinishedStatus.Name(said.script_finished)
                raise RuntimeError(f"{status}, {'with' if has_rows else 'without'} rows")
            return time.perf_counter() - started
    raise RuntimeError("the server hung up before the page was done")


def _has_rows(said: ForwardMsg) -> bool:
    """Whether a table of students is sent, or named because the browser has it already."""
    drawn = said.delta.new_element.bidi_component
    if drawn.component_name == "student_table" and drawn.json:
        return bool(json.loads(drawn.json)["rows"])
    return said.WhichOneof("type") == "ref_hash"  # what is large: of a click, the table
