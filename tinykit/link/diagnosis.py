"""What bytes that are no frames tell."""

from __future__ import annotations

_FAULT_MARKS = (
    b"tk-fault:",  # ports/common/tk_report.h
    b"Guru Meditation Error",  # ESP-IDF's panic handler
    b"***ERROR***",  # ESP-IDF's FreeRTOS
    b"abort() was called",  # ESP-IDF
)
_SHOWN = 48


def fault_report(noise: bytes) -> str | None:
    """The line that a firmware's fault handler sends before it stops, or None."""
    at = max(noise.rfind(mark) for mark in _FAULT_MARKS)
    if at < 0:
        return None
    line = noise[at:].split(b"\r")[0].split(b"\n")[0].split(b"\0")[0]
    return line.decode("ascii", errors="replace")


def excerpt(data: bytes) -> str:
    """The end of some bytes, as hexadecimal and as text."""
    shown = data[-_SHOWN:]
    text = "".join(chr(b) if 32 <= b < 127 else "." for b in shown)
    return f"{shown.hex(' ')}  |{text}|"
