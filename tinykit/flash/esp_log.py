"""esptool's messages: kept for errors instead of printed, and its progress handed on."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

_KEPT = 4  # lines


class EspLog:
    """Takes what esptool has to say.

    Attributes:
        on_progress: called with (done, total) of the current transfer, where set.
    """

    def __init__(self) -> None:
        self.on_progress: Callable[[int, int], None] | None = None
        self._lines: deque[str] = deque(maxlen=_KEPT)

    def say(self, *words: object) -> None:
        """Keep a message."""
        text = " ".join(str(word) for word in words).strip(" .\n")
        if text:
            self._lines.append(text)

    def tail(self) -> str:
        """The last few messages, in one line."""
        return " / ".join(self._lines)


@contextlib.contextmanager
def quiet(module: Any, log: EspLog) -> Iterator[None]:
    """Let ``log`` hear what esptool says, and nobody else; as before afterwards.

    Args:
        module: esptool.logger. Its logger is one for the whole process.
    """

    class Listener(module.TemplateLogger):  # type: ignore[misc]  # esptool has no types
        """The interface that esptool documents for loggers of other programs."""

        def print(self, *words: object, **how: object) -> None:
            log.say(*words)

        def note(self, message: str) -> None:
            log.say(message)

        def warning(self, message: str) -> None:
            log.say(message)

        def error(self, message: str) -> None:
            log.say(message)

        def stage(self, finish: bool = False) -> None:
            pass

        def progress_bar(
            self, cur_iter: int, total_iters: int, prefix: str = "", suffix: str = "", bar_length: int = 30
        ) -> None:
            if log.on_progress is not None:
                log.on_progress(cur_iter, total_iters)

        def set_verbosity(self, verbosity: str) -> None:
            pass

    before = module.EspLog.instance
    module.log.set_logger(Listener())
    try:
        yield
    finally:
        module.EspLog.instance = before
