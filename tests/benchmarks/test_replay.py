"""A benchmark's figure is of pages that were served."""

import asyncio
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.benchmarks import replay


class Server:
    """Answers anything with these messages, then hangs up."""

    def __init__(self, *said: ForwardMsg) -> None:
        self.said = said

    async def send(self, message: bytes) -> None:
        pass

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for each in self.said:
            yield each.SerializeToString()


def table(*rows: str) -> ForwardMsg:
    found = ForwardMsg()
    drawn = found.delta.new_element.bidi_component
    drawn.component_name, drawn.json = "student_table", json.dumps({"rows": rows})
    return found


def empty_piece() -> ForwardMsg:
    found = ForwardMsg()
    found.delta.new_element.bidi_component.component_name = "student_table"
    return found


def done(status: Any = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY) -> ForwardMsg:
    return ForwardMsg(script_finished=status)


def ran(*said: ForwardMsg) -> float:
    """The run's seconds; in a thread of its own, since browser tests leave a loop in this one."""
    run = replay._ran(Server(*said), b"")  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, run).result()


def test_a_run_that_brings_rows_takes_its_time() -> None:
    assert ran(table("ana"), done()) > 0


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([table("ana")], "hung up"),
        ([table("ana"), done(ForwardMsg.FINISHED_WITH_COMPILE_ERROR)], "COMPILE_ERROR"),
        ([table("ana"), done(ForwardMsg.FINISHED_EARLY_FOR_RERUN)], "EARLY_FOR_RERUN"),
        ([table(), done()], "without rows"),
        ([done()], "without rows"),
        ([empty_piece(), done()], "without rows"),
    ],
)
def test_a_run_that_brings_none_is_no_figure(said: list[ForwardMsg], why: str) -> None:
    with pytest.raises(RuntimeError, match=why):
        ran(*said)
