"""What the first Student page of a server waits for, loaded before anybody asks for it."""

import threading
from functools import cache

from edupulse_core.config import load_settings
from edupulse_core.queries import student

AFTER = 4.0  # seconds after the first page was drawn, so that its rows are on screen before


@cache
def soon() -> threading.Timer:
    """Load it in the background, once a process, however often this is asked."""
    timer = threading.Timer(AFTER, _load)
    timer.daemon = True  # the server stops without waiting for it
    timer.start()
    return timer


def _load() -> None:
    from app import charts  # noqa: F401  # plotly is slow to import

    student.warm(load_settings())
