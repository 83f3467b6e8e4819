"""Many people's clicks without their browsers: what one browser sent, sent again by each."""

import asyncio
import time
from collections.abc import Callable, Sequence

from playwright.async_api import Page
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect


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
    """

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
            for number, click in enumerate(sent[1:]):
                await asyncio.sleep(pause(place, number))
                found.append(await _ran(server, click))
            return found

    each = await asyncio.gather(*(person(place) for place in range(people)))
    return [took for found in each for took in found]


async def _ran(server: ClientConnection, message: bytes) -> float:
    started = time.perf_counter()
    await server.send(message)
    async for frame in server:
        assert isinstance(frame, bytes)
        if ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished":
            break
    return time.perf_counter() - started
