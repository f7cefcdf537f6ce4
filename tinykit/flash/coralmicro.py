"""Flashing the Coral Dev Board Micro with coralmicro's own scripts/flashtool.py."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tinykit.board import Board
from tinykit.board.coralmicro import coralmicro_path
from tinykit.errors import DeviceMissing, FlashFailed, ToolMissing
from tinykit.firmware import Image
from tinykit.flash.progress import Progress, no_progress
from tinykit.flash.tool import last_lines, run_tool

_NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
# It leaves with status 0 also where it fails; it names each state before it enters it.
_LAST_STATE = "STATE_RESET_TO_FLASH"
_FAILURE = "Encountered an error"
_NO_ACCESS = re.compile(r"Access denied|Permission denied|insufficient permissions", re.IGNORECASE)


def coralmicro_command(checkout: Path, image: Image, probe: str | None) -> list[str]:
    """flashtool.py's command line: write app and boot loader, then start the app."""
    chosen = [] if probe is None else ["--serial", probe]
    return [
        sys.executable, str(checkout / "scripts" / "flashtool.py"),
        "--build_dir", str(image.elf.parent), "--elf_path", str(image.elf), *chosen,
    ]  # fmt: skip


def program_coralmicro(board: Board, image: Image, probe: str | None, progress: Progress | None) -> None:
    """Write ``image``.

    Args:
        probe: the board's serial number; needed where there are several.

    Raises:
        ToolMissing: there is no checkout of coralmicro, or flashtool.py lacks a Python package.
        DeviceMissing: no board is connected, or there are several, or it may not be used.
        FlashFailed: anything else.
    """
    checkout = coralmicro_path()
    (progress or no_progress)("writing", 0, 1)
    status, output = run_tool(coralmicro_command(checkout, image, probe))
    if status == 0 and _LAST_STATE in output and _FAILURE not in output:
        (progress or no_progress)("writing", 1, 1)
        return
    module = _NO_MODULE.search(output)
    if module is not None:
        raise ToolMissing(
            f"coralmicro's flashtool.py lacks the Python package of {module.group(1)}",
            where=sys.executable,
            hint=f"{sys.executable} -m pip install -r {checkout / 'scripts' / 'requirements.txt'}",
        )
    rules = f"sudo cp {checkout / 'scripts' / '99-coral-micro.rules'} /etc/udev/rules.d/"
    if _NO_ACCESS.search(output):
        raise DeviceMissing(
            "the board may not be used", why=last_lines(output, 3), hint=f"{rules}, then connect the board again"
        )
    if "Multiple Dev Board Micros" in output:
        raise DeviceMissing(
            "several Dev Board Micros are connected",
            why="one has to be chosen",
            hint="--probe SERIAL, its serial number",
        )
    if "No Dev Board Micro devices detected" in output or "Unable to find device" in output:
        raise DeviceMissing(
            "no Dev Board Micro is connected",
            where=probe,
            why=last_lines(output, 2),
            hint="connect it with USB; to reach its boot loader, hold the user button while you connect it. "
            f"On Linux it may need coralmicro's udev rules: {rules}",
        )
    raise FlashFailed("flashtool.py could not write the firmware", where=board.name, why=last_lines(output))
