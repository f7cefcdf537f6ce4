"""What several places need is made once: firmware of a model for a board, and the host's answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Once(Generic[Value]):
    """Values by key; whoever asks first makes one, the others wait for it. An error is everybody's, too.

    Args:
        parallel: how many may be made at a time.
    """

    def __init__(self, parallel: int) -> None:
        self._slots = threading.BoundedSemaphore(parallel)
        self._lock = threading.Lock()
        self._made: dict[Hashable, Future[Value]] = {}

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of ``key``, made by ``make`` if nobody has.

        Raises:
            what ``make`` raises, each time.
        """
        with self._lock:
            mine = key not in self._made
            future = self._made.setdefault(key, Future())
        if mine:
            try:
                with self._slots:
                    future.set_result(make())
            except BaseException as error:
                future.set_exception(error)
        return future.result()
