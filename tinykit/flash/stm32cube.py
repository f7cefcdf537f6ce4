"""Flashing STM32 chips with ST's own STM32CubeProgrammer, over ST-LINK.

Source: ST, UM2237, "STM32CubeProgrammer software description", command line interface.
"""

from __future__ import annotations

import re

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.errors import BoardError, DeviceMissing, FlashFailed
from tinykit.firmware import Image
from tinykit.flash.progress import Progress, no_progress
from tinykit.flash.tool import last_lines, run_tool

_CHIPS = "STM32"
_PERCENT = re.compile(r"(\d+)\s?%")
_VERIFIED = "Download verified successfully"
_NO_PROBE = re.compile(r"No debug probe detected|No ST-?LINK detected|serial number|DEV_USB_COMM_ERR", re.IGNORECASE)
_NO_CHIP = re.compile(r"No STM32 target found|Unable to get core ID|DEV_CONNECT_ERR|DEV_TARGET_NOT_HALTED")
_DIFFERS = re.compile(r"Data mismatch|verification failed", re.IGNORECASE)


def stm32cube_command(program: str, board: Board, image: Image, probe: str | None) -> list[str]:
    """The command line: connect under reset, write, compare, start the firmware.

    Raises:
        BoardError: the board has no STM32.
    """
    if not board.chip.startswith(_CHIPS):
        raise BoardError(
            f"STM32CubeProgrammer does not know the {board.chip}",
            where=board.name,
            why="it writes STM32 chips only",
            hint="use the board's own flasher",
        )
    chosen = [] if probe is None else [f"sn={probe}"]
    # Under reset: whatever runs on the chip, sleeping or with its debug pins taken, cannot be in the way.
    connect = ["--connect", "port=SWD", "mode=UR", "reset=HWrst", *chosen]
    return [program, *connect, "--download", str(image.elf), "--verify", "--rst"]


def program_stm32cube(board: Board, image: Image, probe: str | None, progress: Progress | None) -> None:
    """Write ``image`` and compare it.

    Args:
        probe: the ST-LINK's serial number; needed where there are several.

    Raises:
        BoardError: the board has no STM32.
        ToolMissing: STM32CubeProgrammer is not installed.
        DeviceMissing: no ST-LINK is connected, or no chip to it.
        FlashFailed: the image was not written, or differs when read back.
    """
    show = progress or no_progress
    total = image.sizes.flash
    step = "writing"

    def watch(line: str) -> None:
        nonlocal step
        if line.startswith("Verifying"):
            step = "comparing"
        for percent in _PERCENT.findall(line):
            show(step, total * min(int(percent), 100) // 100, total)

    # What does not depend on what is installed is said first.
    stm32cube_command("", board, image, probe)
    program = require_tool("STM32_Programmer_CLI")
    status, output = run_tool(stm32cube_command(program, board, image, probe), watch)
    if status == 0 and _VERIFIED in output:
        show("writing", total, total)
        return
    if _NO_PROBE.search(output):
        raise DeviceMissing(
            "no ST-LINK is connected",
            where=probe,
            why=last_lines(output, 2),
            hint="connect the board; `STM32_Programmer_CLI --list st-link` shows what is there. On Linux it may need "
            "the udev rules in STM32CubeProgrammer's folder Drivers/rules",
        )
    if _NO_CHIP.search(output):
        raise DeviceMissing(
            "the ST-LINK finds no chip",
            where=board.name,
            why=last_lines(output, 2),
            hint="see that the board has power, that the wires are right, and that the reset line is connected",
        )
    if _DIFFERS.search(output):
        raise FlashFailed(
            "the flash does not hold what was written",
            where=board.name,
            why=last_lines(output, 3),
            hint="is the flash write-protected, or is it another chip than the board file says?",
        )
    raise FlashFailed("STM32CubeProgrammer could not write the firmware", where=board.name, why=last_lines(output))
