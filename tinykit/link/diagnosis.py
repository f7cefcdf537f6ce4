"""What bytes that are no frames tell."""

from __future__ import annotations

_FAULT_MARK = b"tk-fault:"
_SHOWN = 48


def fault_report(noise: bytes) -> str | None:
    """The line that a firmware's fault handler sends before it stops (ports/common/tk_report.h), or None."""
    at = noise.rfind(_FAULT_MARK)
    if at < 0:
        return None
    line = noise[at:].split(b"\r")[0].split(b"\n")[0].split(b"\0")[0]
    return line.decode("ascii", errors="replace")


def excerpt(data: bytes) -> str:
    """The end of some bytes, as hexadecimal and as text."""
    shown = data[-_SHOWN:]
    text = "".join(chr(b) if 32 <= b < 127 else "." for b in shown)
    return f"{shown.hex(' ')}  |{text}|"
