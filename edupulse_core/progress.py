"""How long work says how far it has come."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # (what is being worked on, done, in all)
