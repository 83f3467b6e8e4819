"""Loads what makes a server's first Student page and Learning tab slow, before anybody asks."""

import logging
import threading

from app import trouble
from edupulse_core.config import load_settings
from edupulse_core.lifecycle import serving
from edupulse_core.queries import student

AFTER = 4.0  # seconds after the first page was drawn, so that its rows are on screen before
logger = logging.getLogger("edupulse.app")
_asked = threading.Lock()  # never released: once a process


def soon() -> threading.Timer | None:
    """Load it in the background, once per process; None if that already happened."""
    if not _asked.acquire(blocking=False):
        return None
    timer = threading.Timer(AFTER, _load)
    timer.daemon = True  # the server stops without waiting for it
    timer.start()
    return timer


def _load() -> None:
    try:
        from app import charts  # noqa: F401  # plotly is slow to import

        settings = load_settings()
        student.warm(settings)
        serving.warm(settings)
    except Exception as error:  # the page that needs it says what is wrong
        logger.warning("could not load ahead of time: %s", trouble.described(error))
