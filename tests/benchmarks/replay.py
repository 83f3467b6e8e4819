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
        async with _session(url, cookies) as server:
            await _ran(server, sent[0])
            found = []
            first = place % len(clicks)
            for number, click in enumerate([*clicks[first:], *clicks[:first]]):
                await asyncio.sleep(pause(place, number))
                found.append(await _ran(server, click))
            return found

    each = await asyncio.gather(*(person(place) for place in range(people)))
    return [took for found in each for took in found]


async def at_once(
    url: str, cookies: str, first: bytes, asked: Sequence[Sequence[bytes]]
) -> list[float]:
    """Seconds until the server has sent all that each message changes, when all ask together.

    first: the page that everybody is on.  asked: the messages of each person. All send their first
    one at the same moment, and the next one when everybody has their answer.
    """
    ready = asyncio.Barrier(len(asked))

    async def person(messages: Sequence[bytes]) -> list[float]:
        async with _session(url, cookies) as server:
            await _ran(server, first)
            found = []
            for message in messages:
                await ready.wait()
                found.append(await _ran(server, message))
            return found

    async with asyncio.TaskGroup() as people:  # one who fails ends the wait of all others
        each = [people.create_task(person(messages)) for messages in asked]
    return [took for one in each for took in one.result()]


def with_query(message: bytes, query: str) -> bytes:
    """The same page, asked for with another query in its address."""
    asked = BackMsg.FromString(message)
    asked.rerun_script.query_string = query
    return asked.SerializeToString()


def _session(url: str, cookies: str) -> connect:
    """A browser's connection to the server."""
    return connect(
        f"{url.replace('http', 'ws', 1)}/_stcore/stream",
        origin=url,  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        additional_headers={"Cookie": cookies},
        max_size=None,
    )


async def _ran(server: ClientConnection, message: bytes) -> float:
    started = time.perf_counter()
    await server.send(message)
    is_drawn = False
    async for frame in server:
        assert isinstance(frame, bytes)
        said = ForwardMsg.FromString(frame)
        is_drawn |= _is_drawn(said)
        if said.WhichOneof("type") == "script_finished":
            if said.script_finished not in _DONE or not is_drawn:
                status = ForwardMsg.ScriptFinishedStatus.Name(said.script_finished)
                raise RuntimeError(f"{status}, {'with' if is_drawn else 'without'} rows")
            return time.perf_counter() - started
    raise RuntimeError("the server hung up before the page was done")


def _is_drawn(said: ForwardMsg) -> bool:
    """Whether a table of students or a chart is sent, or named because the browser has it."""
    if said.delta.new_element.WhichOneof("type") == "plotly_chart":
        return True
    drawn = said.delta.new_element.bidi_component
    if drawn.component_name == "student_table" and drawn.json:
        return bool(json.loads(drawn.json)["rows"])
    return said.WhichOneof("type") == "ref_hash"  # what is large: of a click, the table
