"""Flashing with OpenOCD: ST-LINK, CMSIS-DAP, J-Link, FTDI adapters."""

from __future__ import annotations

import re

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.errors import DeviceMissing, FlashFailed, InputError
from tinykit.firmware import Image
from tinykit.flash.progress import Progress, no_progress
from tinykit.flash.tool import lacks_table, last_lines, run_tool

_NO_PROBE = re.compile(
    r"Error: open failed|unable to (?:find|open) a? ?matching|unable to open|No J-Link device found"
    r"|no device found|libusb_open\(\) failed",
    re.IGNORECASE,
)
_NO_CHIP = re.compile(
    r"init mode failed|configured scan chain anyway|scan chain interrogation failed"
    r"|Target not examined|Error connecting DP|cannot read IDR",
    re.IGNORECASE,
)


def openocd_command(openocd: str, board: Board, image: Image, probe: str | None) -> list[str]:
    """OpenOCD's command line: write, compare, reset, leave.

    Raises:
        BoardError: the board file has no [flasher.openocd].
        InputError: the image's path has characters that OpenOCD's language cannot quote.
    """
    settings = board.flasher.openocd
    if settings is None:
        raise lacks_table(board.name, "openocd")
    path = str(image.elf.resolve())
    if set("{}\\") & set(path):
        raise InputError("OpenOCD cannot take this path", where=path, hint="move the project to one without { } \\")
    files = [word for name in settings.config for word in ("-f", name)]
    chosen = [] if probe is None else ["-c", f"adapter serial {{{probe}}}"]
    # Not listening on any port: another OpenOCD may.
    closed = ["-c", "gdb_port disabled; tcl_port disabled; telnet_port disabled"]
    told = [word for command in settings.commands for word in ("-c", command)]
    return [openocd, *files, *told, *chosen, *closed, "-c", f"program {{{path}}} verify reset exit"]


def program_openocd(board: Board, image: Image, probe: str | None, progress: Progress | None) -> None:
    """Write ``image`` and compare it.

    Args:
        probe: the adapter's serial number; needed where there are several.

    Raises:
        ToolMissing: OpenOCD is not installed.
        DeviceMissing: no adapter is connected, or no chip to it.
        FlashFailed: anything else.
    """
    (progress or no_progress)("writing", 0, 1)
    status, output = run_tool(openocd_command(require_tool("openocd"), board, image, probe))
    if status == 0 and "** Verified OK **" in output:
        (progress or no_progress)("writing", 1, 1)
        return
    if _NO_PROBE.search(output):
        raise DeviceMissing(
            "no debug probe is connected",
            where=probe,
            why=last_lines(output, 3),
            hint="connect the board or probe. On Linux it may need OpenOCD's udev rules: "
            "/usr/share/doc/openocd or contrib/60-openocd.rules, into /etc/udev/rules.d",
        )
    if _NO_CHIP.search(output):
        raise DeviceMissing(
            "the debug probe finds no chip",
            where=board.name,
            why=last_lines(output, 3),
            hint="see that the board has power and that the probe's wires are right",
        )
    raise FlashFailed("OpenOCD could not write the firmware", where=board.name, why=last_lines(output))
