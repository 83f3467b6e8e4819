"""How long work says how far it has come, and learns that it should stop."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # (what is being worked on, done, in all)
Cancel = Callable[[], bool]  # asked between steps: whether to stop
