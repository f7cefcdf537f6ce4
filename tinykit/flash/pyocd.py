"""Flashing with pyOCD: CMSIS-DAP probes (DAPLink, micro:bit), ST-LINK, J-Link."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.errors import DeviceMissing, FlashFailed
from tinykit.firmware import Image
from tinykit.flash.progress import Progress, no_progress
from tinykit.flash.tool import lacks_table, last_lines, run_tool


def pyocd_command(pyocd: str, board: Board, image: Image, probe: str | None) -> list[str]:
    """pyOCD's command line.

    Raises:
        BoardError: the board file has no [flasher.pyocd].
    """
    settings = board.flasher.pyocd
    if settings is None:
        raise lacks_table(board.name, "pyocd")
    chosen = [] if probe is None else ["--uid", probe]
    options = [word for option in settings.options for word in ("-O", option)]
    # Without --no-wait it waits for a probe for ever.
    return [
        pyocd, "load", "--no-wait", "--target", settings.target, *options, *chosen, "--format", "elf", str(image.elf),
    ]  # fmt: skip


def program_pyocd(board: Board, image: Image, probe: str | None, progress: Progress | None) -> None:
    """Write ``image``; pyOCD compares page by page, and writes those that differ.

    Args:
        probe: the probe's unique id, or the beginning of it; needed where there are several.

    Raises:
        ToolMissing: pyOCD is not installed.
        DeviceMissing: no probe is connected.
        FlashFailed: anything else.
    """
    (progress or no_progress)("writing", 0, 1)
    status, output = run_tool(pyocd_command(require_tool("pyocd"), board, image, probe))
    if "No available debug probes" in output or "No connected debug probe" in output or "No probe" in output:
        raise DeviceMissing(
            "no debug probe is connected",
            where=probe,
            why=last_lines(output, 2),
            hint="connect the board or probe; `pyocd list` shows what is there. On Linux it may need udev rules: "
            "https://github.com/pyocd/pyOCD/tree/main/udev",
        )
    if status != 0:
        hint = None
        if "APPROTECT" in output or "locked" in output:
            hint = "the chip is locked: unlocking erases all of it, the boot loader too (docs/flashing.md)"
        if "Target type" in output and "not recognized" in output:
            hint = f"install the chip's description: pyocd pack install {board.chip}"
        raise FlashFailed("pyOCD could not write the firmware", where=board.name, why=last_lines(output), hint=hint)
    (progress or no_progress)("writing", 1, 1)
