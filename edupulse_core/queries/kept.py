"""A small memory that lives and dies with whatever holds it, unlike a cache of the process."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 256  # values; beyond them the oldest goes


class Kept:
    """Values made once; safe to share between threads."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}
        self._lock = threading.Lock()

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made when first asked for; two who ask at once may both make it."""
        with self._lock:
            if key in self._values:
                return self._values[key]  # type: ignore[no-any-return]
        value = make()
        with self._lock:
            while len(self._values) >= MOST:
                del self._values[next(iter(self._values))]
            self._values[key] = value
        return value
