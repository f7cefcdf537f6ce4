"""Whether a Raspberry Pi runs slower than it could."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tinykit.runner.diagnose.finding import Finding

_NOW = {
    0: "the supply is below 4.63 V",
    1: "the clock is capped",
    2: "it is throttled",
    3: "it is at its soft temperature limit",
}
_BEFORE = {
    16: "the supply was below 4.63 V",
    17: "the clock was capped",
    18: "it was throttled",
    19: "it was at its soft temperature limit",
}
"""Bits of `vcgencmd get_throttled` (raspberrypi.com/documentation/computers/os.html, get_throttled)."""

_HINT = "use the supply that is made for the board, and cool it; figures taken now are not the board's"
_SYSFS = "sys/devices/platform/soc/soc:firmware/get_throttled"
_SECONDS = 5.0


def throttling_findings(root: Path) -> Iterator[Finding]:
    """What the firmware of a Raspberry Pi says, and the processor's temperature.

    Args:
        root: of the file system. Of another one than this machine's, the program vcgencmd is not asked.
    """
    bits = _bits(root)
    if bits is None:
        yield Finding("throttling", "unknown", "no Raspberry Pi firmware to ask")
    else:
        yield throttling(bits)
    zone = root / "sys/class/thermal/thermal_zone0/temp"
    try:
        yield Finding("cpu-temperature", "ok", f"the processor has {int(zone.read_text()) / 1000:.1f} °C")
    except (OSError, ValueError):
        yield Finding("cpu-temperature", "unknown", "the processor's temperature is not known")


def throttling(bits: int) -> Finding:
    """The finding for the number that the firmware gives."""
    now = [words for bit, words in _NOW.items() if bits >> bit & 1]
    before = [words for bit, words in _BEFORE.items() if bits >> bit & 1]
    if now:
        return Finding("throttling", "problem", f"now {' and '.join(now)} (0x{bits:x})", _HINT)
    if before:
        return Finding("throttling", "warning", f"since it started, {' and '.join(before)} (0x{bits:x})", _HINT)
    return Finding("throttling", "ok", f"nothing slows it down (0x{bits:x})")


def _bits(root: Path) -> int | None:
    text = ""
    program = shutil.which("vcgencmd")
    if root == Path("/") and program is not None:
        try:
            run = subprocess.run(
                [program, "get_throttled"], capture_output=True, text=True, timeout=_SECONDS, check=False
            )
            text = run.stdout.strip().removeprefix("throttled=")
        except (OSError, subprocess.TimeoutExpired):
            text = ""
    try:
        return int(text or (root / _SYSFS).read_text().strip(), 16)
    except (OSError, ValueError):
        return None
