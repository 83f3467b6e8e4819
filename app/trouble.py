"""Errors that nobody expected: a number for the page, and where it happened for the log."""

import logging
import secrets
import traceback
from pathlib import Path

logger = logging.getLogger("edupulse.app")


def report(error: BaseException) -> str:
    """Log an error, and return the sentence to show.

    An error's own words may hold a student's name or id, so the log gets its kind and the lines of
    code that led to it, and nothing else.
    """
    number = secrets.token_hex(4)
    logger.error("error %s: %s", number, described(error))
    return f"Something went wrong. Give your data steward this number: {number}"


def described(error: BaseException) -> str:
    """The kinds of an error and of those behind it, and the code that each went through."""
    told = []
    behind: BaseException | None = error
    while behind is not None:
        steps = traceback.extract_tb(behind.__traceback__)
        where = " > ".join(f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in steps)
        told.append(f"{type(behind).__name__} ({where})")
        behind = behind.__cause__ or behind.__context__
    return ", after ".join(told)
