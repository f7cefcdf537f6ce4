"""Raspberry Pi's picotool, for a board in BOOTSEL mode whose drive is not mounted."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tinykit.board.tools import find_tool
from tinykit.errors import DeviceError, DeviceMissing

_LOOK_TIMEOUT = 20.0
_LOAD_TIMEOUT = 300.0  # seconds; 16 MB, the most a board has, take about half of that


def picotool_load(uf2: Path) -> bool:
    """Load a UF2 file, verify it and start it.

    Returns:
        False when picotool is not installed, or finds no board in BOOTSEL mode.

    Raises:
        DeviceMissing: there is a board, but it may not be used.
        DeviceError: loading or verifying failed; says picotool's words.
    """
    picotool = find_tool("picotool")
    if picotool is None:
        return False
    code, words = _run([picotool, "info"], _LOOK_TIMEOUT)
    if "permission" in words.lower():
        raise DeviceMissing(
            "a board is in BOOTSEL mode, but picotool may not use it",
            why=words,
            hint="install picotool's udev rules (60-picotool.rules) to /etc/udev/rules.d, then connect the board again",
        )
    if code != 0:
        return False
    # -v: read back and compare; -x: start the firmware.
    code, words = _run([picotool, "load", "-v", "-x", str(uf2)], _LOAD_TIMEOUT)
    if code != 0:
        raise DeviceError(
            "picotool could not load the firmware",
            where=str(uf2),
            why=words,
            hint="connect the board again with BOOTSEL held, and repeat",
        )
    return True


def _run(command: list[str], timeout: float) -> tuple[int, str]:
    """Exit code and the last lines of what it said; a program that does not run or end counts as failed."""
    try:
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, f"{command[0]} did not end in {timeout:.0f} s"
    except OSError as error:
        return 1, str(error)
    return run.returncode, "\n".join(run.stdout.strip().splitlines()[-5:])
