"""How a command ends when it is told to: by SIGTERM, or because its terminal was closed."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType

_LOOK_AGAIN = 1.0
"""Seconds."""


@contextlib.contextmanager
def ends_when_told() -> Iterator[None]:
    """Within, these signals leave as Ctrl-C does, so that emulators end and temporary folders go.

    Python drops an exception that a signal raises while it is in a destructor or in the callback of a weak reference;
    each import has such a callback. So it is looked for afterwards, and raised again where it is not on its way.

    Raises:
        SystemExit: with 128 and the signal's number.
    """
    told: list[int] = []

    def leave(number: int, frame: FrameType | None) -> None:
        told.append(number)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, look_again)
            signal.setitimer(signal.ITIMER_REAL, _LOOK_AGAIN, _LOOK_AGAIN)
        sys.exit(128 + number)

    def look_again(number: int, frame: FrameType | None) -> None:
        if not _leaving():
            sys.exit(128 + told[-1])

    signal.signal(signal.SIGTERM, leave)
    # A terminal that is closed; Windows has none, and nohup wants it ignored.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, leave)
    try:
        yield
    finally:
        if told and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


def _leaving() -> bool:
    """Whether the exception is being handled further out: what runs is what is done before one leaves."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, SystemExit):
            return True
        error = error.__context__
    return False
